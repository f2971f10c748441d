/* Sets a new password. The token stands behind the address's #, which no browser sends and no server logs. */
const wrong = (answer) => {
  const faults = (answer.errors ?? []).filter((fault) => fault.pointer === "/new_password");
  return faults.length ? `The new password ${faults.map((fault) => fault.detail).join(", and ")}.` : answer.detail;
};

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("reset");
  const said = document.getElementById("said");
  const token = window.location.hash.slice(1);
  if (!token) {
    form.hidden = true;
    said.textContent = "This link is incomplete: the part after the # is missing. Open the whole link as you received it.";
    return;
  }
  window.history.replaceState(null, "", window.location.pathname);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const reply = await fetch("/auth/password-reset", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token, new_password: document.getElementById("password").value }),
      });
      const answer = await reply.json();
      form.hidden = reply.ok;
      said.textContent = reply.ok ? "Your new password is set. Log in with it." : wrong(answer);
    } catch {
      said.textContent = "The service did not respond. Try again.";
    }
  });
});
