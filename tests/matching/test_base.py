"""Reading the record base: from CSV files and from the topic that every record's last state is on."""

import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.match import read_topic
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import encode
from libs.contracts.events import RecordChanged
from libs.contracts.topics import RECORD_CHANGED
from libs.policy.load import load_policy, read_files
from libs.runtime.broker import Producer
from matching.base import Base, load, read_csv
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.records import Company, Contact
from tests.paths import ROOT


def changed(record_id: str, version: int, name: str | None) -> RecordChanged:
    fields = {"name": name, "email": f"{record_id}@acme.com"} if name else None
    record = RecordRef(type="contact", id=record_id)
    return RecordChanged(
        event_id=f"{record_id}-{version}",
        record=record,
        version=version,
        fields=fields,
        actor=Actor(kind="rule", id="t"),
    )


def test_the_newest_state_of_a_record_counts() -> None:
    base = Base()
    for event in (
        changed("a", 2, "Ann Lee"),
        changed("a", 1, "Old Name"),
        changed("b", 1, "Bo Wu"),
        changed("b", 2, None),
    ):
        base.learn(event)
    assert {one.name for one in base.contacts.values()} == {"Ann Lee"}


async def test_the_topic_holds_the_whole_base(kafka: str) -> None:
    producer = Producer(kafka)
    await producer.start()
    for event in (changed("topic-a", 1, "Ann Lee"), changed("topic-a", 2, "Ann Lea"), changed("topic-b", 1, "Bo Wu")):
        await producer.send_and_wait(encode(RECORD_CHANGED, event, event.record.id, source="test"))
    await producer.stop()
    base = Base()
    await read_topic(kafka, base)
    assert {"topic-a": "Ann Lea", "topic-b": "Bo Wu"}.items() <= {
        one.contact_id: one.name for one in base.contacts.values()
    }.items()


def test_a_csv_file_is_read_by_its_header(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        "﻿id,first_name,last_name,email,company\nc1,Ann,Lee,ann@acme.com,Acme Inc\n,Bo,Wu,,\n", encoding="utf-8"
    )
    base = Base()
    for event in read_csv(file, "contact"):
        base.learn(event)
    assert [(one.contact_id, one.name, one.company_name) for one in base.contacts.values()] == [
        ("c1", "Ann Lee", "Acme Inc"), ("contact:3", "Bo Wu", ""),
    ]  # fmt: skip
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match="no header"):
        list(read_csv(tmp_path / "empty.csv", "contact"))


def test_keys_that_too_many_share_or_one_alone_has_are_left_out() -> None:
    base = Base()
    for number in range(MAX_COMMON + 1):
        base.contacts[f"c{number}"] = Contact(
            f"c{number}", phone="+4930901820", fields={"email": f"x{number}@acme.com"}
        )
    base.companies["a"], base.companies["b"] = Company("a", name="Brivox Labs"), Company("b", name="Brivox")
    connection = duckdb.connect()
    load(connection, base, lambda line: None)
    assert connection.execute("select count(*) from contact where keys is not null").fetchall() == [(0,)]
    assert connection.execute("select unique_id from company where keys is not null order by 1").fetchall() == [
        ("a",),
        ("b",),
    ]


def test_what_a_person_can_get_wrong_is_said(tmp_path: Path) -> None:
    """The commands' own errors, without a stack."""
    runner = CliRunner()
    for arguments, said in (
        (["match", "evaluate", "febrl9"], "febrl9"),
        (["match", "scan", "--out", str(tmp_path / "pairs.xlsx")], "neither .csv nor .jsonl"),
        (["match", "train", "--contacts", str(tmp_path / "none.csv")], "can't be read"),
    ):
        result = runner.invoke(app, arguments)
        assert said in str(result.exception)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_scan_of_csv_files_writes_the_pairs(tmp_path: Path, suffix: str) -> None:
    contacts, out = tmp_path / "contacts.csv", tmp_path / f"pairs.{suffix}"
    contacts.write_text(
        "id,name,email,phone,company\na,Ann Lee,ann@acme.com,+4930901820,Acme\nb,Lee Ann,ann@acme.com,+4930901820,Acme Inc\n"
        "c,Bo Wu,bo@acme.com,,Acme\n"
    )
    result = CliRunner().invoke(app, ["match", "scan", "--contacts", str(contacts), "--out", str(out)])
    assert result.exit_code == 0, result.exception
    text = out.read_text()
    assert "email: equal" in text
    assert "name: equal" in text
    assert len(text.splitlines()) == (2 if suffix == "csv" else 1)
    assert "Bo Wu" not in text


def test_training_writes_the_policy_unless_it_is_a_dry_run(tmp_path: Path) -> None:
    policy, contacts = tmp_path / "policy", tmp_path / "contacts.csv"
    shutil.copytree(ROOT / "policy", policy)
    rows = [f"p{n},Person{n % 90} Family{n % 70},p{n % 110}@acme{n % 40}.com,Acme {n % 40}" for n in range(150)]
    contacts.write_text("id,name,email,company\n" + "\n".join(rows) + "\n")
    before = (policy / "matching.yaml").read_text()
    arguments = ["match", "train", "--policy", str(policy), "--contacts", str(contacts), "--pairs", "10000"]
    assert CliRunner().invoke(app, [*arguments, "--dry-run"]).exit_code == 0
    assert (policy / "matching.yaml").read_text() == before
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.exception
    made = load_policy(read_files(policy)).matching.model.made
    assert (made.by, made.contacts, made.companies) == ("splink", 150, 0)
    assert "company" in made.kept
