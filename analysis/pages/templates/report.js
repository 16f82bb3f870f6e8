"use strict";
(() => {
  const contents = document.querySelector("nav ol");
  const toggle = document.querySelector("nav button");
  const show = (open) => {
    contents.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => show(contents.hidden));
  contents.addEventListener("click", () => show(false));
  show(false);

  const links = new Map();
  for (const link of contents.querySelectorAll("a")) links.set(link.hash.slice(1), link);
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "0px 0px -75% 0px" });
  for (const name of links.keys()) seen.observe(document.getElementById(name));

  // Animated pictures of backgrounds cannot be stopped: their first frames take their place.
  const button = document.querySelector("[data-still]");
  if (!button) return;
  const stills = document.head.appendChild(document.createElement("style"));
  const classes = new Set();
  for (const clip of document.querySelectorAll("[data-clip]")) classes.add(clip.dataset.clip);
  const still = (name) => new Promise((resolve) => {
    const clip = document.querySelector(`.${name}`);
    const address = getComputedStyle(clip).backgroundImage.match(/^url\("(data:[^"]*)"\)$/);
    const picture = new Image();
    picture.onerror = () => resolve("");
    picture.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = picture.naturalWidth;
      canvas.height = picture.naturalHeight;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      resolve(`.still .${name} { background-image: url("${canvas.toDataURL()}"); }`);
    };
    picture.src = address ? address[1] : "data:,";
  });
  const pause = async (paused) => {
    if (paused && !stills.textContent) {
      stills.textContent = (await Promise.all([...classes].map(still))).join("\n");
    }
    document.documentElement.classList.toggle("still", paused);
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Play the clips" : "Pause the clips";
  };
  const root = document.documentElement;
  button.addEventListener("click", () => pause(!root.classList.contains("still")));
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) pause(true);
})();

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
