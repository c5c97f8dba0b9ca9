"""Replies to our mails: what is certain is an answer with all that follows, everything else a call beside the form."""

from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default

import pytest
import pytest_asyncio
from sqlalchemy import select

from models.tables.asking import Draft, InvitationState, Submission, Via
from models.tables.mail import Message
from models.tables.network import Contact, Person
from models.tables.replies import ReplyText
from sandwich.errors import NotFound
from sandwich.mail.case import open_case
from sandwich.mail.replies.plain import from_html
from sandwich.mail.wording import worded
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.answer_by_mail import Taken, take_reply
from sandwich.services.erase import erase_person
from sandwich.services.overview import one
from tests.mail.replies.styles import in_html, outlook
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.dumped import dump

pytestmark = [pytest.mark.asyncio, pytest.mark.chapter("asked")]


@dataclass
class Post:
    """One mail of ours in a played activity, and what comes back to it."""

    play: Play
    message_id: str
    text: str
    html: str

    @classmethod
    async def of(cls, play: Play, mail: str, code: str) -> "Post":
        """Word the newest message of a kind to somebody, as it leaves."""
        async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
            message = await session.scalar(
                select(Message)
                .where(Message.mail == mail, Message.person_id == play.cast.id(code))
                .order_by(Message.queued_at.desc())
                .limit(1)
            )
            assert message is not None
            case = await open_case(session, play.runtime.settings, message, await play.now())
            sent = message_from_bytes((await worded([case])).composed.data, policy=default)
        plain, html = sent.get_body(("plain",)), sent.get_body(("html",))
        assert plain is not None
        assert html is not None
        return cls(play, message.id, plain.get_content(), html.get_content())

    def filled(self, **answers: str) -> str:
        """Return the mail with answers to its questions, by their place: ``q1="ja"``."""
        lines = self.text.split("\n")
        places = [at for at, line in enumerate(lines) if line.startswith(("Antwoord [", "Answer ["))]
        for name, said in answers.items():
            lines[places[int(name[1:]) - 1]] += f" {said}"
        return "\n".join(lines)

    async def back(self, text: str, key: str = "m1", **about: bool) -> Taken:
        """Let somebody reply."""
        now = await self.play.now()
        return await take_reply(self.play.runtime, message_id=self.message_id, text=text, key=key, now=now, **about)

    async def stored(self, form: str) -> list[Submission]:
        """Return the answers to a form."""
        async with self.play.runtime.store.read() as session:
            return list(await session.scalars(select(Submission).where(Submission.form == form)))

    async def said(self) -> list[tuple[str, str]]:
        """Return what the coordinator reads: each open call with the words of the reply."""
        async with self.play.runtime.store.read() as session:
            known = await one(session, self.play.runtime.settings, self.play.activity_id, await self.play.now())
        return [(call.what, quote[1].nl) for call in known.calls for quote in call.quote]


def reading(runtime: Runtime) -> Runtime:
    """Return an installation that reads replies."""
    settings = runtime.settings.model_copy(update={"reply_address": "sandwich@post.example"})
    return replace(runtime, settings=settings)


@pytest_asyncio.fixture
async def post(play: Play) -> Post:
    """The mail that asks Tess whether she comes, where replies are read."""
    play.runtime = reading(play.runtime)
    return await Post.of(play, "invitation", "T3")


async def test_a_reply_answers_the_form_with_everything_that_follows(post: Post) -> None:
    assert "Antwoorden kan ook zo" in post.text
    assert "meant=attend:yes" in post.html
    taken = await post.back(outlook(post.filled(q1="ja", q3="Ik eet geen vlees")))
    [row] = await post.stored("registration")
    assert (row.via, row.answers) == (Via.MAIL, {"attend": True, "remark": "Ik eet geen vlees"})
    assert (taken.answered, taken.drafted, taken.call_id) == ((row.invitation_id,), (), None)
    assert (await post.play.invitation("T3", "registration")).state is InvitationState.ANSWERED
    assert "remark" in await post.play.open_calls(), "what follows from an answer follows from this one"
    before = await dump(post.play.runtime.store)
    assert await post.back(outlook(post.filled(q1="ja", q3="Ik eet geen vlees"))) == taken
    assert await dump(post.play.runtime.store) == before, "the same mail again changes nothing"


async def test_one_word_and_html_only_are_answers_too(post: Post) -> None:
    assert (
        await post.back("Nee.\n\nGroet, Tess\n\nOp do 1 okt 2026 om 12:00 schreef S <s@g.example>:\n> Dag Tess")
    ).answered
    [row] = await post.stored("registration")
    assert row.answers == {"attend": False}
    other = await Post.of(post.play, "invitation", "T4")
    assert (await other.back(from_html(in_html(other.filled(q1="JA"))), key="m2")).answered


async def test_a_whole_html_part_that_comes_back_is_read(post: Post) -> None:
    place = post.html.index("]:</p>", post.html.index("Antwoord ["))
    answered = f"{post.html[:place]}]: ja{post.html[place + 2 :]}"
    taken = await post.back(from_html(answered))
    assert taken.answered
    [row] = await post.stored("registration")
    assert row.answers == {"attend": True}


async def test_what_is_doubtful_is_a_call_with_the_reply_and_what_is_certain_stands_in_the_form(post: Post) -> None:
    taken = await post.back(outlook(post.filled(q1="als het droog is", q3="Bel me even")))
    assert (taken.answered, len(taken.drafted), taken.what) == ((), 1, "reply")
    assert await post.stored("registration") == []
    async with post.play.runtime.store.read() as session:
        [draft] = await session.scalars(select(Draft))
    assert draft.typed == {"remark": ["Bel me even"]}
    [(what, words)] = await post.said()
    assert what == "reply"
    assert "als het droog is" in words
    assert "Doe je mee?" in words
    await post.play.answer("T3", "registration", attend="yes")
    assert "reply" not in await post.play.open_calls(), "the answer came by itself"
    async with post.play.runtime.store.read() as session:
        assert list(await session.scalars(select(ReplyText))) == [], "its words are gone with it"


async def test_what_is_incomplete_is_a_draft_and_nobody_has_to_do_anything(post: Post) -> None:
    taken = await post.back(outlook(post.filled(q3="Ik kom met de trein")))
    assert (taken.answered, len(taken.drafted), taken.call_id) == ((), 1, None)
    assert (await post.play.invitation("T3", "registration")).state is InvitationState.DRAFT
    assert await post.back(outlook(post.filled(q3="Ik kom met de trein"))) == taken
    again = await Post.of(post.play, "invitation", "T3")
    assert "Antwoord [" not in again.text, "what was begun is finished in the form"


async def test_free_words_reach_the_coordinator_beside_a_complete_answer(post: Post) -> None:
    taken = await post.back(f"Hoi Jolanda,\n\nIk kom wat later.\n{outlook(post.filled(q1='ja'))}")
    assert taken.answered
    assert taken.what == "reply-words"
    [(what, words)] = await post.said()
    assert (what, words.split("\n")[0]) == ("reply-words", "Ik kom wat later.")


async def test_an_answer_to_a_hidden_question_is_not_put_aside_in_silence(post: Post) -> None:
    taken = await post.back(outlook(post.filled(q1="ja", q2="Ik sta voor de klas")))
    assert (taken.answered, taken.what) == ((), "reply")
    assert await post.stored("registration") == []


async def test_a_reply_after_the_answer_came_by_the_form_changes_nothing_and_asks_what_holds(post: Post) -> None:
    await post.play.answer("T3", "registration", attend="yes")
    same = await post.back(outlook(post.filled(q1="ja")))
    assert same == Taken(), "it says the same"
    taken = await post.back(outlook(post.filled(q1="nee")), key="m2")
    assert taken.what == "reply-after"
    [row] = await post.stored("registration")
    assert row.answers["attend"] is True


@pytest.mark.parametrize("what", ["cancelled", "left", "elsewhere", "shared"])
async def test_what_may_not_be_taken_as_an_answer_is_read_by_a_person(post: Post, what: str) -> None:
    now, by = await post.play.now(), post.play.cast.id("C1")
    if what == "cancelled":
        await steer.cancel(post.play.runtime, post.play.activity_id, "Storing", now=now, actor=by)
    if what == "left":
        seat = (await post.play.participation("T3")).id
        await steer.withdraw(post.play.runtime, seat, now=now, actor=by)
    if what == "shared":
        async with post.play.runtime.store.change(now=now, actor="test") as session:
            for box in await session.scalars(select(Contact).where(Contact.person_id == post.play.cast.id("T3"))):
                box.is_shared = True
        assert "Antwoord [" not in (await Post.of(post.play, "invitation", "T3")).text
    taken = await post.back(outlook(post.filled(q1="ja")), is_theirs=what != "elsewhere")
    assert (taken.answered, taken.what) == ((), "reply")
    assert await post.stored("registration") == []


@pytest.mark.parametrize(
    ("said", "what"),
    [("Later", "reply-later"), ("niet ik", "reply-not-me"), ("Stop.", "reply-stop"), ("Wie is dit?", "reply-words")],
)
async def test_a_wish_of_one_word_is_a_call_of_its_own(post: Post, said: str, what: str) -> None:
    assert (await post.back(f"{said}\n\n{outlook(post.text)}")).what == what
    assert (what, said) in await post.said()
    assert await post.stored("registration") == []


async def test_no_more_mail_has_the_same_effect_as_at_the_foot(post: Post) -> None:
    assert (await post.back("Geen mail meer")).what == "no-mail"
    async with post.play.runtime.store.read() as session:
        assert (await session.get_one(Person, post.play.cast.id("T3"))).no_mail
    [row] = await post.stored("privacy-request")
    assert (row.via, row.answers["kind"]) == (Via.MAIL, "no-mail")
    assert "privacy-no-mail" in await post.play.open_calls()


@pytest.mark.parametrize(
    "text", ["", "\n > \n", "Beste Jolanda,\n\nMet vriendelijke groet,\nTess"], ids=["empty", "marks", "greeting"]
)
async def test_a_reply_that_says_nothing_does_nothing(post: Post, text: str) -> None:
    before = await dump(post.play.runtime.store)
    assert await post.back(text) == Taken()
    assert await post.back(outlook(post.text)) == Taken()
    assert await dump(post.play.runtime.store) == before


async def test_bad_input_reaches_the_coordinator_as_it_is(post: Post) -> None:
    odd = (
        "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----",
        "{{ 7 * 7 }} <script>x</script> \u202ex",
        "y" * 9000,
    )
    for number, text in enumerate(odd):
        assert (await post.back(text, key=f"m{number}")).call_id is not None
    assert (await post.back("", key="signed", is_whole=False)).what == "reply"
    words = [said for _, said in await post.said()]
    assert any("{{ 7 * 7 }} <script>x</script> x" in one for one in words)
    assert max(map(len, words)) == 4000
    assert await post.stored("registration") == []
    with pytest.raises(NotFound):
        await take_reply(post.play.runtime, message_id="x" * 24, text="ja", key="m", now=await post.play.now())


async def test_what_answers_everything_makes_one_call(post: Post) -> None:
    for number in (0, 1, 2, 2):
        assert (await post.back(f"Bericht {number}", key=f"m{number}")).what == "reply-words"
    [(_, words)] = await post.said()
    assert words.split("\n\n") == ["Bericht 0", "Bericht 1", "Bericht 2"]


async def test_erasing_somebody_takes_the_words_of_their_replies(post: Post) -> None:
    other = await Post.of(post.play, "invitation", "T4")
    await post.back("Kan mijn kind mee?")
    name = post.play.cast.person("T3").family_name
    await other.back(f"Ik rijd mee met {name}.", key="m2")
    await erase_person(post.play.runtime, post.play.cast.id("T3"), now=await post.play.now(), actor="test")
    async with post.play.runtime.store.read() as session:
        [left] = await session.scalars(select(ReplyText))
    assert left.person_id == post.play.cast.id("T4")
    assert name not in left.words


async def test_a_host_picks_dates_by_mail(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(reading(runtime), cast)
    await play.turn()
    post = await Post.of(play, "request", "P3")
    assert "uw antwoord achter de dubbele punt" in " ".join(post.text.split())
    assert (await post.back(outlook(post.filled(q1="kan", q2="c")))).answered
    [row] = await post.stored("date-poll")
    assert [one["answer"] for one in row.answers["dates"]] == ["suits", "impossible"]


async def test_without_an_address_for_replies_no_mail_asks_for_one(play: Play) -> None:
    post = await Post.of(play, "invitation", "T3")
    assert "Antwoord [" not in post.text
    assert "meant=attend:yes" in post.html
