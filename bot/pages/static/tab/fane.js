// The tab in Teams: asks Teams who this is, hands the answer to our own server, and goes to the page.
"use strict";

(() => {
  const SLOW_AFTER = 8_000; // milliseconds, until we say that it takes time
  const GIVE_UP_AFTER = 60_000; // Teams may be asking the person something in the meantime
  const TEAMS_ANSWERS_WITHIN = 15_000; // outside Teams nobody ever does
  const THEMES = { default: "light", dark: "dark", contrast: "dark" };

  const teams = window.microsoftTeams;
  const page = document.documentElement;
  const status = document.getElementById("status");
  const message = document.getElementById("melding");
  const again = document.getElementById("igjen");
  const otherWay = document.getElementById("annen-vei");

  class Told extends Error {} // its message names one of the texts of the page

  function within(milliseconds, promise, told) {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Told(told)), milliseconds);
    });
    return Promise.race([promise, late]);
  }

  function showWaiting() {
    status.hidden = false;
    otherWay.hidden = true;
    again.hidden = true;
  }

  function show(told) {
    message.textContent = message.dataset[told];
    again.hidden = false;
    otherWay.hidden = false;
  }

  // The page is made anew in the language of Teams, when that is another of ours.
  function isInLanguage(locale) {
    const wanted = { nn: "nn", nb: "nb", no: "nb" }[String(locale).toLowerCase().split("-")[0]];
    if (!wanted || wanted === page.lang || location.search) return true;
    location.replace(`${location.pathname}?sprak=${wanted}`);
    return false;
  }

  async function tokenFromTeams() {
    try {
      return await within(GIVE_UP_AFTER, teams.authentication.getAuthToken(), "samtykke");
    } catch (error) {
      if (error instanceof Told) throw error;
      throw new Told(/cancel|consent/i.test(String(error && error.message)) ? "samtykke" : "avvist");
    }
  }

  async function fetched(address, options) {
    try {
      return await within(GIVE_UP_AFTER, fetch(address, options), "nett");
    } catch {
      throw new Told("nett");
    }
  }

  async function signIn() {
    let context;
    try {
      await within(TEAMS_ANSWERS_WITHIN, teams.app.initialize(), "utenfor");
      context = await within(TEAMS_ANSWERS_WITHIN, teams.app.getContext(), "utenfor");
    } catch {
      throw new Told("utenfor");
    }
    const { theme, locale } = context.app;
    page.dataset.colorScheme = THEMES[theme] || "auto";
    teams.app.notifySuccess(); // Teams takes its own waiting picture away; ours says more
    if (!isInLanguage(locale)) return;
    const token = await tokenFromTeams();
    const entered = await fetched("/fane/inn", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ tema: theme, sprak: locale }),
    });
    if (!entered.ok) throw new Told(entered.status >= 500 ? "nett" : "avvist");
    const { til } = await entered.json();
    // A frame without its cookie would be an empty frame: see first whether it is kept.
    const inside = await fetched(til, { method: "HEAD" });
    if (inside.status === 401) throw new Told("kake");
    location.replace(til);
  }

  async function start() {
    showWaiting();
    const slow = setTimeout(() => show("treg"), SLOW_AFTER);
    try {
      await signIn();
    } catch (error) {
      clearTimeout(slow);
      show(error instanceof Told ? error.message : "avvist");
    }
  }

  again.querySelector("button").addEventListener("click", () => location.reload());
  if (teams) start();
  else {
    showWaiting();
    show("nett");
  }
})();
