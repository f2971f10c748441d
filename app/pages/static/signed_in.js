/* The fields that the service may ask for, by the codes of the problems that ask for them. */
const CODES_BY_FIELD = {
  username: ["username_taken", "username_confusable", "invalid_request"],
  second_factor: ["second_factor_required", "second_factor_invalid"],
  invitation: ["invitation_required", "invitation_invalid"],
};

/* Exchanges the code for tokens. It stands behind the address's #, which no browser sends and no server logs. */
window.addEventListener("DOMContentLoaded", () => {
  const part = (id) => document.getElementById(id);
  const code = window.location.hash.slice(1);
  if (!code) {
    part("said").textContent = "The code behind the # of this address is missing. Sign in again.";
    return;
  }
  window.history.replaceState(null, "", window.location.pathname);
  part("code").textContent = code;
  part("ready").hidden = false;
  part("exchange").addEventListener("submit", async (event) => {
    event.preventDefault();
    part("said").textContent = "";
    const sent = {
      sign_in_code: code,
      username: part("username").value || undefined,
      code: part("second_factor").value || undefined,
      invitation: part("invitation").value || undefined,
    };
    try {
      const reply = await fetch("/auth/oidc/token", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(sent),
      });
      const answer = await reply.json();
      if (reply.ok) {
        part("ready").hidden = true;
        part("tokens").textContent = JSON.stringify(answer, null, 2);
      } else {
        for (const [field, codes] of Object.entries(CODES_BY_FIELD)) {
          if (codes.includes(answer.code)) part(field).parentElement.hidden = false;
        }
        part("said").textContent = [answer.detail, ...(answer.errors ?? []).map((fault) => fault.detail)].join(" ");
      }
    } catch {
      part("said").textContent = "The service did not respond. Try again.";
    }
  });
});
