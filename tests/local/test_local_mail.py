"""Mails that the demo sends are caught and can be read."""

import smtplib
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from config.local.demo import listens
from config.local.mail_catcher import keep
from config.local.mailbox import Mailbox, NoSuchMessage


class Mail(NamedTuple):
    port: int
    mailbox: Mailbox


@pytest.fixture(scope="module")
def mail(
    folder: Path,
    port: int,
    python: Callable[..., subprocess.Popen[str]],
    eventually: Callable[..., object],
) -> Iterator[Mail]:
    mailbox = folder / "mailbox"
    catch = (
        "-m",
        "config.local.mail_catcher",
        "--port",
        str(port),
        "--mailbox",
        str(mailbox),
    )
    server = python(*catch)
    eventually(lambda: listens(port) or server.poll() is not None)
    yield Mail(port, Mailbox(mailbox))
    server.terminate()
    said, _ = server.communicate(timeout=10)
    assert (said, server.returncode) == ("", 0)


def a_mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "客户关系 <crm@demo.test>"
    mail["To"] = "张伟 <rep@demo.test>"
    mail["Subject"] = subject
    mail.set_content("本周跟进:海底捞火锅\n.\n..完")
    mail.add_alternative("<p>本周跟进:<b>海底捞火锅</b></p>", subtype="html")
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="周报.xlsx")
    return mail


def test_a_chinese_mail_is_read_as_it_was_sent(mail: Mail) -> None:
    subject = "每周报表:华东区商户合作进展与活动费用分摊情况汇总(第四十七周)"
    with smtplib.SMTP("127.0.0.1", mail.port) as smtp:
        smtp.send_message(a_mail("第一封"))
        smtp.send_message(a_mail(subject))
    newest, older = mail.mailbox.messages()
    assert (newest.subject, older.subject) == (subject, "第一封")
    assert newest.to == "张伟 <rep@demo.test>"
    assert newest.sender == "客户关系 <crm@demo.test>"
    assert newest.has_html
    found = mail.mailbox.message(newest.id)
    assert found.text.splitlines() == ["本周跟进:海底捞火锅", ".", "..完"]
    assert "<b>海底捞火锅</b>" in found.html
    assert found.attachments == ["周报.xlsx"]
    assert ("X-Envelope-To", "rep@demo.test") in found.headers
    assert stat.S_IMODE(mail.mailbox.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        ".",
        "..",
        "../environment",
        "../../environment",
        "/etc/passwd",
        "a\0b",
        "1.2.crm",
        "*",
    ],
)
def test_an_id_that_is_no_id_finds_nothing(mail: Mail, identifier: str) -> None:
    with pytest.raises(NoSuchMessage):
        mail.mailbox.message(identifier)


def test_a_link_in_the_mailbox_is_not_followed(mail: Mail) -> None:
    identifier = "1795346809000000000.0123456789abcdef.crm"
    link = mail.mailbox.folder / "new" / identifier
    link.symlink_to("/etc/passwd")
    with pytest.raises(NoSuchMessage):
        mail.mailbox.message(identifier)
    link.unlink()


def test_a_mailbox_that_is_not_there_yet_is_empty(folder: Path) -> None:
    assert Mailbox(folder / "nowhere").messages() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Subject: =?utf-8?B?broken\r\nDate: yesterday\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nnuqneH",
    ],
)
def test_a_broken_mail_can_be_listed_and_opened(folder: Path, content: bytes) -> None:
    mailbox = folder / "broken"
    with suppress(FileExistsError):
        for part in ("tmp", "new", "cur"):
            (mailbox / part).mkdir(parents=True)
    identifier = keep(mailbox, content)
    assert Mailbox(mailbox).messages()[0].id == identifier
    assert Mailbox(mailbox).message(identifier).date.tzinfo
