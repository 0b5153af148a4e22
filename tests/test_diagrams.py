"""The co-production model: on the page that this began with, a picture without words."""

from bs4 import BeautifulSoup

from syndication.demo import diagram as model


def test_the_model_is_said_in_words_in_every_form(write, release, client):
    made = release(write(body=model.blocks()))

    item = client.get(f"/api/v1/items/{made.item.content_id}").json()["content"]
    (block,) = item["body"]
    values, steps, relations = block["parts"]
    soup = BeautifulSoup(item["html"], "html.parser")
    assert (values["kind"], len(values["points"])) == ("values", 5)
    assert (steps["kind"], len(steps["points"])) == ("steps", 7)
    assert (relations["kind"], len(relations["points"])) == ("relations", 2)
    assert len(soup.ol.find_all("li")) == 7
    assert len(soup.ul.find_all("li")) == 5
    for point in (*values["points"], *steps["points"]):
        assert point["name"] in soup.get_text()
        assert point["name"] in item["text"]
    assert "4. Co-produce early: before anything is decided" in item["text"]
    assert "- The five values carry each of the seven steps" in item["text"]
    # Its picture is not all of it, and says so of itself only what kind it is.
    assert block["alt"] in item["text"]
    assert len(block["alt"]) < 200


def test_the_page_for_people_shows_the_picture_and_the_words(write, release, client):
    made = release(write(body=model.blocks()))

    page = BeautifulSoup(
        client.get(f"/items/{made.item.content_id}").text, "html.parser"
    )

    assert page.select("figure img")[0]["src"].startswith(
        "https://localoffer.example/images/"
    )
    assert page.figure.figcaption.get_text() == (
        "Co-production: five values and seven steps"
    )
    assert "Senior champions" in page.article.get_text()
