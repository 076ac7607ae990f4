"""What commands say when they can't do what was asked: what happened, where, and what to do."""

import io
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.agreed import agreed
from cli.client import said
from cli.errors import CliError
from cli.options import record_of
from cli.policy.check import checked
from cli.rollback.selection import selection_of
from cli.run import stretch
from cli.triage import answer_of, candidate_lines, kinds_line, takes
from libs.policy.load import read_files

runner = CliRunner()


def failure(*arguments: str) -> str:
    result = runner.invoke(app, arguments)
    assert isinstance(result.exception, CliError), (result.exception, result.output)
    return str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ("ledger",),
        ("lead", "l-1"),
        ("why", "contact:c-1", "email"),
        ("record", "contact:c-1"),
        ("timeline", "lead:l-1"),
        ("triage", "list"),
        ("audit", "verify"),
        ("dead-letters", "list"),
        ("policy", "show"),
        ("rollback", "plan", "--lead", "l-1"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_on_a_stack_that_is_down_say_how_to_start_it(arguments: tuple[str, ...], tmp_path: Path) -> None:
    text = failure(*arguments, "--data", str(tmp_path))
    assert "no Signalbox runs here" in text
    assert str(tmp_path) in text
    assert "./signalbox up" in text


def test_status_of_nothing_is_an_exit_code_of_one(tmp_path: Path) -> None:
    result = runner.invoke(app, ["status", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "nothing runs in" in result.output


def test_status_as_json_says_the_same_to_programs(tmp_path: Path) -> None:
    result = runner.invoke(app, ["status", "--json", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert '"processes": []' in result.output


def test_a_log_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "intake.log").write_text("one\ntwo\nthree\n")
    assert "choose from intake" in failure("logs", "nothing", "--data", str(tmp_path))
    result = runner.invoke(app, ["logs", "intake", "-n", "2", "--data", str(tmp_path)])
    assert result.output == "two\nthree\n"


def test_a_policy_with_a_mistake_is_answered_with_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "launch.yaml").write_text("mode: limited_auto\nmode: suggested\n")
    result = runner.invoke(app, ["policy", "check", "--policy", str(tmp_path)])
    assert result.exit_code == 2
    assert "launch.yaml:2:1: mode is given twice" in result.output
    assert "routing.yaml:1:1: the file is missing" in result.output


def test_a_folder_without_a_policy_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in failure("policy", "check", "--policy", str(tmp_path))


def test_a_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "not a demo's" in failure("demo", "--data", str(tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_record_is_a_type_and_an_id() -> None:
    assert record_of("contact:a:b").id == "a:b"
    for text in ("contact", "contact:", ":x", "person:1"):
        with pytest.raises(CliError, match="TYPE:ID"):
            record_of(text)


def test_a_stretch_goes_forward_along_the_line() -> None:
    assert stretch("dedupe..router") == ["dedupe", "enrich", "classify", "score", "router"]
    for text in ("router..dedupe", "dedupe", "dedupe..", "a..b"):
        with pytest.raises(CliError, match=r"dedupe\.\.router"):
            stretch(text)


def test_an_answer_names_its_question_and_may_hold_a_value() -> None:
    assert answer_of("q1=approve", "fine") == {"question_id": "q1", "verdict": "approve", "reason": "fine"}
    assert answer_of("q1=edit:42", "")["value"] == 42
    assert answer_of("q1=route:inbound_sales", "")["value"] == "inbound_sales"
    with pytest.raises(CliError, match="QUESTION=VERDICT"):
        answer_of("approve", "")


def test_a_rollback_of_nothing_in_particular_is_refused(tmp_path: Path) -> None:
    assert "needs a condition" in failure("rollback", "plan", "--data", str(tmp_path))


def test_a_question_that_nobody_is_there_to_answer_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CliError, match="--yes"):
        agreed("Post 3 rows?", "import")


def test_a_refusal_names_its_problems() -> None:
    answer = httpx.Response(
        422, json={"message": "some answers do not fit", "problems": ["q-1: no choice here", "q-2: too"]}
    )
    assert said(answer) == "some answers do not fit; q-1: no choice here; q-2: too"
    assert said(httpx.Response(401, json={"detail": {"message": "no"}})) == "no"


def test_the_queue_counts_questions_of_one_kind() -> None:
    assert kinds_line(["route", "change", "change", "change"]) == "route, 3 × change"


def test_a_verdict_fits_a_question_with_or_without_the_record_that_it_names() -> None:
    question = {"choices": ["link:c-1", "keep_apart"]}
    assert takes(question, "keep_apart")
    assert takes(question, "link:c-1")
    assert not takes(question, "approve")


def test_a_candidate_is_shown_with_what_was_compared() -> None:
    compared = {"name": "name: equal", "ours": "Ann", "theirs": "Anne", "weight": 10.0}
    shown = candidate_lines(
        {
            "record": {"type": "contact", "id": "c-1"},
            "match_probability": 0.8,
            "comparisons": [compared],
            "held_for": [],
        }
    )
    assert shown == "perhaps contact:c-1 (80%)\n      name: equal: Ann / Anne (+10.0)"


def test_a_source_of_a_tool_that_there_is_not_is_no_sound_policy() -> None:
    files = read_files(Path("policy"))
    assert checked(files).problems == ()
    wrong = {**files, "sources.yaml": files["sources.yaml"].replace("adapter: zapier,", "adapter: zapierr,")}
    (problem,) = checked(wrong).of("error")
    assert "did you mean zapier" in problem.message
    assert "adapter: zapierr" in wrong["sources.yaml"].splitlines()[problem.line - 1]


def test_an_import_is_selected_by_its_source_and_who_made_it() -> None:
    selection = selection_of(source_name="old crm", actor_id="cli")
    assert selection == {"source_name": "old crm", "actor_id": "cli"}
