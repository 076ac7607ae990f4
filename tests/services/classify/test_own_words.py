"""What somebody wrote now is kept, at its place; quotations, footers and courtesies are blank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.courtesies import without_courtesies
from services.classify.domain.own_words import own_words
from services.classify.labelled import read_examples

TEXTS = [example.text for example in read_examples()]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hello, I hope you are well. Our CRM is full. Kind regards from Rotterdam", "Our CRM is full."),
        ("Hi there! We need a bot. Thanks, Tom", "We need a bot."),
        ("Guten Tag, wir suchen einen Chatbot. Mit freundlichen Grüßen, Anna Weber", "wir suchen einen Chatbot."),
        ("Bonjour, j'espère que vous allez bien. Il manque des appels. Cordialement", "Il manque des appels."),
        ("您好，我们需要一个语音机器人。谢谢，王伟", "我们需要一个语音机器人。"),
    ],
)  # fmt: skip
def test_courtesies_are_not_read(text: str, kept: str) -> None:
    assert without_courtesies(text).strip(" .!，,") == kept.strip(" .!，,")


@pytest.mark.parametrize("text", ["Hello", "Thanks, but what does it cost?", "Dear support is too dear for us", "谢谢"])
def test_what_would_leave_nothing_or_goes_on_is_kept(text: str) -> None:
    assert without_courtesies(text) == text


def test_a_quoted_mail_and_a_footer_are_blank() -> None:
    text = "Yes, please call.\nOn Mon, 2 Nov 2026 Tom wrote:\n> our price is 12\nThis e-mail is confidential"
    assert own_words(text).strip() == "Yes, please call."


@given(
    st.lists(
        st.one_of(st.sampled_from(TEXTS), st.sampled_from(["Hello,", "Kind regards\nTom", "> quoted\n", "-- \n"]))
    ).map("\n".join)
)
def test_places_stay_places(text: str) -> None:
    kept = own_words(text)
    assert len(kept) == len(text)
    assert all(seen == letter or seen.isspace() for seen, letter in zip(kept, text, strict=True))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("We don't need a voice bot. We need our CRM deduplicated.", ". We need our CRM deduplicated."),
        ("Wir brauchen keinen Voicebot, sondern ein Dashboard", ", sondern ein Dashboard"),
        ("Nous n'avons pas besoin d'un agent vocal, mais d'un tableau de bord", ", mais d'un tableau de bord"),
        ("We don't want to lose calls any more", "We don't want to lose calls any more"),
        ("We don't need a demo", "We don't need a demo"),
    ],
)
def test_what_is_declined_is_not_read(text: str, kept: str) -> None:
    assert own_words(text).strip() == kept
