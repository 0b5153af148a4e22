"""The people of the demonstration, as the seeding makes and the demo tells them."""

DEMO_PASSWORD = "countersign-demo"  # noqa: S105 - printed on every start
DEMO_ACCOUNTS = [
    ("admin", "administrator (superuser)"),
    ("editor", "editor, writes for both areas"),
    ("pacc", "member of PACC, signs for Shropshire"),
    ("pods", "member of PODS, signs for Telford and Wrekin"),
    ("keeper", "keeps the register of consent, writes and signs nothing"),
    ("lead", "clinical lead, signs health pages besides the forums"),
]
