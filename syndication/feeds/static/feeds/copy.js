/* Copies an address and says so. Where it does not run there are no buttons, and the
   addresses can be selected and copied by hand. */
(function () {
    "use strict";

    var status = document.getElementById("copied");

    function copy(field) {
        field.select();
        if (navigator.clipboard) {
            return navigator.clipboard.writeText(field.value);
        }
        // Without HTTPS browsers have no clipboard for scripts.
        return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
    }

    function say(words) {
        // Emptied first: the same words once more would not be read out.
        status.textContent = "";
        setTimeout(function () { status.textContent = words; }, 50);
    }

    document.querySelectorAll("button[data-copies]").forEach(function (button) {
        var field = document.getElementById(button.dataset.copies);
        var label = button.firstElementChild;
        var back;
        field.addEventListener("focus", function () { field.select(); });
        button.addEventListener("click", function () {
            copy(field).then(function () {
                label.textContent = "Copied";
                say("Copied: " + field.value);
                clearTimeout(back);
                back = setTimeout(function () { label.textContent = "Copy"; }, 4000);
            }, function () {
                field.focus();
                say("This browser does not let us copy. The address is selected: copy it by hand.");
            });
        });
        button.hidden = false;
    });
}());
