/* Registers a user. The token of an invitation is behind the #, which no browser sends and no server logs. */
const wrong = (answer) => {
  const names = { "/username": "username", "/password": "password" };
  const faults = (answer.errors ?? []).filter((fault) => fault.pointer in names);
  return faults.length
    ? faults.map((fault) => `The ${names[fault.pointer]} ${fault.detail}.`).join(" ")
    : answer.detail;
};

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("join");
  if (!form) return; // registration is closed
  const said = document.getElementById("said");
  const invitation = window.location.hash.slice(1);
  if (!invitation && form.dataset.registration === "invite") {
    form.hidden = true;
    said.textContent = "This link is incomplete: the part after the # is missing. Open the whole link as you received it.";
    return;
  }
  window.history.replaceState(null, "", window.location.pathname);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    const account = {
      username: document.getElementById("username").value,
      password: document.getElementById("password").value,
    };
    try {
      const reply = await fetch("/register", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(invitation ? { ...account, invitation } : account),
      });
      const answer = await reply.json();
      form.hidden = reply.ok;
      said.textContent = reply.ok ? `You are registered as ${answer.username}. Log in with your password.` : wrong(answer);
    } catch {
      said.textContent = "The service did not respond. Try again.";
    }
  });
});
