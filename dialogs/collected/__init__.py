"""What is read collected: pages in the browser, files, and the picture in the chat."""
