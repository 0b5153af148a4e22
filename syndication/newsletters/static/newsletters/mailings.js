// Shows how far a mailing is without being asked: every few seconds while somebody looks,
// and said aloud no more than twice a minute.
(() => {
    const place = document.querySelector("[data-mailing]");
    const said = document.querySelector("[data-mailing-said]");
    let saidAt = Date.now();

    const words = () => place.querySelector("#mailing-words").textContent;

    const show = async () => {
        if (!document.hidden) {
            const answer = await fetch(place.dataset.mailing, { credentials: "same-origin" });
            // Signed out meanwhile, or the mailing is gone: what is shown stays.
            if (answer.ok && !answer.redirected) {
                const before = words();
                const focused = document.activeElement && document.activeElement.getAttribute("href");
                const inside = place.contains(document.activeElement);
                place.innerHTML = await answer.text();
                if (inside && focused) {
                    const again = place.querySelector(`a[href="${focused}"]`);
                    if (again) again.focus();
                }
                const over = !place.querySelector("[data-mailing-goes-on]");
                if (words() !== before && (over || Date.now() - saidAt > 30000)) {
                    said.textContent = words();
                    saidAt = Date.now();
                }
                if (over) return;
            }
        }
        window.setTimeout(showOrWait, 4000);
    };
    const showOrWait = () => show().catch(() => window.setTimeout(showOrWait, 10000));

    if (place.querySelector("[data-mailing-goes-on]")) window.setTimeout(showOrWait, 4000);
})();
