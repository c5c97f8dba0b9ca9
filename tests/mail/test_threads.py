"""The threads that the tests make are those of RFC 5256."""

from email.message import EmailMessage

from tests.support.threads import base_subject, split_on_subject, threads


def mail(key: str, references: str = "", subject: str = "", reply: str = "") -> EmailMessage:
    """Return a mail with ids that are letters: ``a b`` are two of them."""
    made = EmailMessage()
    made["Message-ID"] = f"<{key}@x>"
    if references:
        made["References"] = " ".join(f"<{one}@x>" for one in references.split())
    if reply:
        made["In-Reply-To"] = f"<{reply}@x>"
    made["Subject"] = subject or key
    return made


def keys(found: list[list[EmailMessage]]) -> list[str]:
    return ["".join(str(one["Message-ID"])[1] for one in thread) for thread in found]


def test_references_make_a_thread_in_whatever_order_mails_arrive() -> None:
    mails = [mail("a"), mail("b", "a"), mail("c", "a b"), mail("d"), mail("e", "d")]
    assert sorted(map(sorted, keys(threads(mails)))) == [["a", "b", "c"], ["d", "e"]]
    assert sorted(map(sorted, keys(threads(mails[::-1])))) == [["a", "b", "c"], ["d", "e"]]


def test_mails_belong_together_although_the_first_is_gone() -> None:
    assert keys(threads([mail("b", "a"), mail("c", "a")])) == ["bc"]
    assert keys(threads([mail("b", "a"), mail("c", "z a")])) == ["bc"]


def test_without_references_one_reply_counts_and_nothing_links_to_itself() -> None:
    assert keys(threads([mail("a"), mail("b", reply="a")])) == ["ab"]
    assert keys(threads([mail("a", "a"), mail("b", "a b")])) == ["ab"]
    assert len(threads([mail("a", "b"), mail("b", "a")])) == 1


def test_one_subject_makes_one_thread_and_another_splits_it_where_a_program_does_so() -> None:
    assert keys(threads([mail("a", subject="Visit"), mail("b", subject="Re: visit")])) == ["ab"]
    mails = [mail("a", subject="Visit: come?"), mail("b", "a", "Visit: goals"), mail("c", "a b", "Re: Visit: goals")]
    assert keys(threads(mails)) == ["abc"]
    assert sorted(keys(split_on_subject(mails))) == ["a", "bc"]
    assert base_subject(mail("a", subject="Fwd: Re[2]: [list]  Visit  (fwd)")) == "visit"
