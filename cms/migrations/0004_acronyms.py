"""The letters of the field, as a start for the editors' register.

An installation keeps them as it likes: what is there already stays as it is.
"""

from django.db import migrations

EXPLAIN, KNOWN = "explain", "known"
ACRONYMS = [
    ("ADHD", "attention deficit hyperactivity disorder", EXPLAIN, ""),
    ("AP", "alternative provision", EXPLAIN, ""),
    ("ASD", "autism spectrum disorder", EXPLAIN, "Many families prefer “autism”."),
    ("CAMHS", "child and adolescent mental health services", EXPLAIN, ""),
    ("DCO", "designated clinical officer", EXPLAIN, ""),
    ("DSR", "dynamic support register", EXPLAIN, ""),
    ("EHC", "education, health and care", EXPLAIN, ""),
    ("EHCP", "education, health and care plan", EXPLAIN, "The law says “EHC plan”."),
    ("ELSEC", "early language support for every child", EXPLAIN, ""),
    ("EP", "educational psychologist", EXPLAIN, ""),
    ("GP", "general practitioner", KNOWN, ""),
    ("ICB", "integrated care board", EXPLAIN, ""),
    ("LA", "local authority", EXPLAIN, "“The council” is plainer."),
    ("NHS", "National Health Service", KNOWN, ""),
    ("OT", "occupational therapy", EXPLAIN, ""),
    ("PACC", "Parent and Carer Council", EXPLAIN, "Shropshire’s parent carer forum."),
    ("PCF", "parent carer forum", EXPLAIN, ""),
    ("PINS", "Partnerships for Inclusion of Neurodiversity in Schools", EXPLAIN, ""),
    ("PODS", "Parents Opening Doors", EXPLAIN, "Telford and Wrekin’s forum."),
    ("SALT", "speech and language therapy", EXPLAIN, "Also written SLT."),
    ("SEMH", "social, emotional and mental health", EXPLAIN, ""),
    ("SEN", "special educational needs", EXPLAIN, ""),
    ("SENCO", "special educational needs co-ordinator", EXPLAIN, ""),
    ("SEND", "special educational needs and disabilities", KNOWN, ""),
    (
        "SENDIASS",
        "special educational needs and disabilities information, advice and support "
        "service",
        EXPLAIN,
        "",
    ),
    ("SLT", "speech and language therapy", EXPLAIN, "Also written SALT."),
    ("SpLD", "specific learning difficulty", EXPLAIN, ""),
    ("TA", "teaching assistant", EXPLAIN, ""),
]


def forwards(apps, schema_editor):
    acronym = apps.get_model("cms.Acronym")
    for short_form, long_form, use, note in ACRONYMS:
        acronym.objects.get_or_create(
            short_form=short_form,
            defaults={"long_form": long_form, "use": use, "note": note},
        )


def backwards(apps, schema_editor):
    """Nothing: the table goes with the migration before."""


class Migration(migrations.Migration):
    dependencies = [("cms", "0003_least_privileges")]
    operations = [migrations.RunPython(forwards, backwards)]
