/* Makes each frame with a Countersign text in it as high as the text is. */
addEventListener("message", (event) => {
  const { message, value } = event.data ?? {};
  if (message !== "countersign:height" || !Number.isFinite(value)) return;
  for (const frame of document.getElementsByTagName("iframe")) {
    if (frame.contentWindow !== event.source) continue;
    frame.height = Math.min(Math.max(Math.ceil(value), 100), 20000);
  }
});
