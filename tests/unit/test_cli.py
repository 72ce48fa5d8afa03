import json

import pytest

from fer_utils import cli
from fer_utils.data import fetch

COMMANDS = [
    [],
    ["data"],
    *(["data", action] for action in ("fetch", "unpack", "info", "audit", "card")),
    ["run"],
    ["train"],
    ["search"],
    ["photo"],
    ["video"],
    ["check"],
    ["student-copy"],
    ["results"],
    ["results", "verify"],
    ["results", "page"],
    *(["model", action] for action in ("card", "check", "export", "publish", "measure")),
]
KEYS = (
    "experiment network report framework classes split n reported as_reported as_reported_epochs "
    "ours ours_epochs taught low high ours_leak_free seeds hardware minutes"
).split()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*command, "--help"])
    assert stop.value.code == 0
    assert "usage: python -m fer_utils" in capsys.readouterr().out


def test_a_wrong_call_ends_with_2(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["data", "fetch", "imagenet"])
    assert stop.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_results_as_json_have_the_agreed_keys(capsys):
    assert cli.main(["results", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(list(row) == KEYS for row in rows)
    splits = {row["split"] for row in rows}
    assert splits == {"public_test", "private_test", "test"}


def test_results_as_text_have_a_line_a_row(capsys):
    cli.main(["results", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert cli.main(["results"]) == 0
    text = capsys.readouterr().out
    assert text.count("Fully connected") >= sum(
        row["network"] == "zagreb_fully_connected" for row in rows
    )


def test_a_wrong_data_folder_is_an_error_without_a_traceback(tmp_path, capsys):
    assert cli.main(["data", "info", "--data-dir", str(tmp_path / "none")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert str(tmp_path / "none") in message


@pytest.mark.parametrize(
    "error",
    [ConnectionError("no network; by hand"), ImportError("needs kagglehub; by hand")],
    ids=["offline", "without kagglehub"],
)
def test_a_fetch_that_fails_says_how_to_go_on_without_a_traceback(error, monkeypatch, capsys):
    def fails(**_):
        raise error

    monkeypatch.setattr(fetch, "fetch_fer2013", fails)
    assert cli.main(["data", "fetch", "fer2013"]) == 1
    assert capsys.readouterr().err == f"error: {error}\n"


def test_a_closed_pipe_is_no_error(monkeypatch, capfd):
    def closed(_):
        raise BrokenPipeError

    descriptors = []
    monkeypatch.setattr(cli, "_results", closed)
    monkeypatch.setattr(cli.os, "dup2", lambda *pair: descriptors.append(pair))
    assert cli.main(["results"]) == 0
    assert descriptors and capfd.readouterr().err == ""


def test_info_and_audit_describe_a_folder(tiny_folder, capsys):
    for action in ("info", "audit"):
        assert cli.main(["data", action, "--data-dir", str(tiny_folder)]) == 0
        assert capsys.readouterr().out.strip()


def test_the_published_model_is_replaced_only_when_asked(tmp_path, capsys):
    (tmp_path / "mine.md").write_text("my notes")
    out = str(tmp_path / "mine.safetensors")
    assert cli.main(["model", "publish", "--out", out]) == 1
    assert "mine.md is there already: name another, or add --force" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.md"]


def test_a_results_page_written_by_hand_is_not_replaced(tmp_path, monkeypatch, capsys):
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "results.md"
    page.write_text("# My own results")
    monkeypatch.setattr(cli, "project_root", lambda: tmp_path)
    assert cli.main(["results", "page"]) == 1
    assert "was not written by" in capsys.readouterr().err
    assert page.read_text() == "# My own results"
    page.unlink()
    assert cli.main(["results", "page"]) == 0
    assert cli.main(["results", "page"]) == 0  # its own page is written anew
    assert page.read_text().startswith("<!-- Written by")


@pytest.mark.parametrize("command", [["data", "card"], ["model", "measure", "views"]])
def test_what_was_made_is_not_made_anew_without_force(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    for name in ("data/fer2013.json", "default_model/views.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("kept")
    assert cli.main(command) == 1
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "data/fer2013.json").read_text() == "kept"
