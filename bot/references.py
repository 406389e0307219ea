"""Where a conversation is, so that the bot can write to it at any time. No names of people."""

from collections.abc import Mapping
from typing import Any

from botbuilder.schema import Activity

from bot.sizes import Json


def reference_of(activity: Activity) -> Json:
    """The address of the conversation that an activity came from."""
    user, bot, conversation = activity.from_property, activity.recipient, activity.conversation
    return {
        "serviceUrl": activity.service_url,
        "channelId": activity.channel_id,
        "conversation": {"id": conversation.id, "tenantId": conversation.tenant_id},
        "user": {"id": user.id, "aadObjectId": user.aad_object_id},
        "bot": {"id": bot.id, "name": bot.name},
    }


def addressed(fields: Mapping[str, Any], reference: Mapping[str, Any]) -> Json:
    """An activity with sender, receiver and conversation; KeyError when the address lacks one."""
    return {
        **fields,
        "from": {"id": reference["bot"]["id"], "name": reference["bot"].get("name")},
        "recipient": {"id": reference["user"]["id"]},
        "conversation": {"id": reference["conversation"]["id"]},
        "channelId": reference["channelId"],
        "serviceUrl": reference["serviceUrl"],
    }
