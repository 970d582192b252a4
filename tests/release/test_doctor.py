"""What the doctor sees and advises."""

from __future__ import annotations

import pytest

from autograder import doctor
from autograder.nbgrader_plugin import CONFIG

OLD_KERNEL = {"internal_api": "openblas", "architecture": "Haswell"}
WIDE = {"AVX512F": True, "AVX512_SKX": True}


def test_slow_kernels_on_a_wide_processor_get_the_remedy():
    finding = doctor.kernel_finding(OLD_KERNEL, WIDE)
    assert finding.state == "note"
    assert "OPENBLAS_CORETYPE=SkylakeX" in finding.remedy


@pytest.mark.parametrize(
    "library, features",
    [
        (OLD_KERNEL, {}),
        (OLD_KERNEL, {"AVX512F": False, "AVX512_SKX": False}),
        ({**OLD_KERNEL, "architecture": "SkylakeX"}, WIDE),
        ({"internal_api": "mkl", "version": "2025"}, WIDE),
    ],
)
def test_no_remedy_where_none_is_needed(library, features):
    assert doctor.kernel_finding(library, features).state == "fine"


def test_threads_beyond_the_cores():
    assert doctor.threads_finding(8, 2).state == "note"
    assert doctor.threads_finding(2, 2).state == "fine"


def test_stock_settings_are_pointed_at(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    remedies = [f.remedy for f in doctor.course(tmp_path) if f.state == "note"]
    assert any("skip_cells_with_tag" in remedy for remedy in remedies)
    assert any("add_missing_cells" in remedy for remedy in remedies)


RENAMED = 'c.Autograde.pre_convert_hook = "autograder.nbgrader_plugin.accept_renamed"'


@pytest.mark.parametrize(
    "hook, state, advice",
    [
        (RENAMED, "fine", ""),
        ("", "note", f"add to nbgrader_config.py: {RENAMED}"),
        ('c.Autograde.pre_convert_hook = "mine.hook"', "note", "accept_renamed in it"),
    ],
)
def test_a_course_from_before_renamed_notebooks(tmp_path, hook, state, advice):
    assert RENAMED in CONFIG
    text = "c = get_config()\n" + CONFIG.replace(RENAMED, hook)
    (tmp_path / "nbgrader_config.py").write_text(text)
    found = doctor.course(tmp_path)
    (renamed,) = [f for f in found if f.what == "renamed notebooks"]
    assert renamed.state == state and advice in renamed.remedy


def test_broken_settings_are_named(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    (finding,) = doctor.course(tmp_path)
    assert finding.state == "missing" and "SyntaxError" in finding.found


def test_alembic_off_the_path(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    alembic = doctor.course(tmp_path)[-1]
    assert alembic.state == "note" and "activate" in alembic.remedy


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(
        doctor.metadata,
        "requires",
        lambda name: [
            "numpy>=1.26",
            'no-such-thing>=1; extra == "lab"',
            'numpy>=999; extra == "lab"',
            'pytest; extra == "dev"',
        ],
    )
    assert doctor.missing_packages("lab") == ["no-such-thing", "numpy>=999"]
    assert doctor.missing_packages("dev") == []


def test_a_named_browser_wins(tmp_path, monkeypatch):
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("BACKPROPLAB_CHROMIUM", str(program))
    assert doctor.find_browser() == str(program)
    monkeypatch.setenv("BACKPROPLAB_CHROMIUM", str(tmp_path / "gone"))
    assert doctor.find_browser() is None
