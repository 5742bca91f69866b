"""Templates are hostile until shown otherwise: escapes, exhaustion, leaks, names."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import TemplateError
from proposals.render import Limits, Renderer, render
from proposals.template_heads import parse_template
from proposals.templates import load_templates

HOSTILE = Path(__file__).parents[1] / ".." / "shared" / "hostile"
BIG = {"big": tuple(range(3000)), "post": {"title": "x"}}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as shared:
        yield shared


def _archive(name: str) -> dict[str, str]:
    path = HOSTILE / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the repository")
    with tarfile.open(path) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        return {name: file.read().decode("utf-8", "replace") for name, file in files if file}


def _payloads() -> list[str]:
    found: list[str] = []
    for name in ("ssti-payloadbox.tar.gz", "ssti-payloadsallthethings.tar.gz"):
        for path, text in _archive(name).items():
            if "/Intruder/" in path:
                found += text.splitlines()
            elif path.endswith(".md"):
                found += re.findall(r"^.*(?:\{\{|\{%).*$", text, re.MULTILINE)
    return sorted({line for line in found if line.strip()})


def _refusal(renderer: Renderer, text: str) -> TemplateError | None:
    try:
        renderer.render(parse_template("heavy", text), {})
    except TemplateError as error:
        return error
    return None


# -- T1: escapes ------------------------------------------------------------------------------------------


def test_no_payload_escapes_as_a_template(renderer: Renderer, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    payloads = _payloads()
    assert len(payloads) > 128
    for payload in payloads:
        armed = payload.replace("/etc/passwd", f"touch {canary}").replace("whoami", f"touch {canary}")
        for body in {payload, armed}:
            try:
                text = renderer.render(parse_template("payload", body), {"post": {"title": "lamp"}})
            except TemplateError as error:
                text = str(error)
                assert "template payload" in text
            assert "uid=" not in text.replace(payload, "")
            assert "root:x:" not in text
    assert not canary.exists()


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ post.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ post|attr('__class__') }}",
        "{{ post.update({'title': 1}) }}",
        "{{ ''.format.__self__ }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(post) }}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{{ range(3) }}",
        "{{ cycler }}",
        "{% set post.title = 2 %}",
    ],
)
def test_attributes_writes_and_files_are_out_of_reach(renderer: Renderer, body: str) -> None:
    with pytest.raises(TemplateError, match=r"^template escape, line 1: "):
        renderer.render(parse_template("escape", body), {"post": {"title": "lamp"}})


def test_the_child_has_no_environment_and_cannot_write(renderer: Renderer) -> None:
    os.environ["BIDWRIGHT_TEST_SECRET"] = "hunter2"
    try:
        with Renderer() as fresh:
            assert fresh.render(parse_template("ok", "fine"), {}) == "fine"
            child = fresh._child
            assert child is not None
            environment = Path(f"/proc/{child.pid}/environ")
            limits = Path(f"/proc/{child.pid}/limits")
            if not limits.exists():
                pytest.skip("no /proc on this system")
            assert b"hunter2" not in environment.read_bytes()
            table = limits.read_text()
            assert re.search(r"Max file size\s+0\s+0", table)
            assert re.search(rf"Max address space\s+{256 * 1024**2}\s", table)
    finally:
        del os.environ["BIDWRIGHT_TEST_SECRET"]


# -- T2: exhaustion ---------------------------------------------------------------------------------------


def test_every_exhausting_template_ends_in_time_with_its_line(renderer: Renderer) -> None:
    cases = json.loads(
        next(text for name, text in _archive("own-cases.tar.gz").items() if name.endswith("jinja-dos.json"))
    )
    harmless = {"sum", "striptags"}  # these end by themselves within the limits
    refused = set()
    for name, body in cases.items():
        error = _refusal(renderer, f"+++\nsummary = 's'\n+++\n\n{body}")
        if error:
            assert error.where in {"template heavy, line 5", "template heavy, line 6"}, name
            refused.add(name)
    assert len(cases) == 21
    assert refused >= set(cases) - harmless


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (
            "one\n{% for a in big %}{% for b in big %}{% for c in big %}{% endfor %}{% endfor %}{% endfor %}",
            2,
        ),
        ("one\ntwo\n{% set x = ([[1]]*100000)|sum(start=[]) %}{% set y = ([[1]]*100000)|sum(start=[]) %}", 3),
    ],
    ids=["in the template's own loop", "inside one built-in call"],
)
@pytest.mark.slow
def test_a_render_stopped_by_the_clock_names_the_line(body: str, line: int) -> None:
    with pytest.raises(TemplateError) as caught, Renderer(Limits(cpu_seconds=1, wall_seconds=30)) as fresh:
        fresh.render(parse_template("endless", body), BIG)
    assert caught.value.where == f"template endless, line {line}"
    assert "it was stopped: more than 1 s of processor" in caught.value.what


def test_the_renderer_goes_on_after_a_kill() -> None:
    with Renderer(Limits(cpu_seconds=5, wall_seconds=0.3)) as fresh:
        first = fresh._running().pid
        with pytest.raises(TemplateError, match="stopped"):
            fresh.render(
                parse_template("a", "{% for a in big %}{% for b in big %}{% endfor %}{% endfor %}" * 9), BIG
            )
        assert fresh.render(parse_template("b", "{{ post.title }}"), BIG) == "x"
        assert fresh._running().pid != first


def test_a_child_killed_from_outside_is_replaced() -> None:
    with Renderer() as fresh:
        child = fresh._running()
        child.kill()
        child.wait()
        assert fresh.render(parse_template("b", "ok"), {}) == "ok"


def test_output_is_bounded(renderer: Renderer) -> None:
    with pytest.raises(TemplateError, match="the output is larger than 256 KB"):
        renderer.render(parse_template("long", "{% for a in big %}" + "x" * 100 + "{% endfor %}"), BIG)


def test_one_child_serves_many_renders(renderer: Renderer) -> None:
    template = parse_template("many", "{{ n }}")
    renderer.render(template, {"n": 0})
    child = renderer._child
    assert [renderer.render(template, {"n": n}) for n in range(50)] == [str(n) for n in range(50)]
    assert renderer._child is child


# -- T3, T4: the context is data --------------------------------------------------------------------------


def test_post_text_is_never_a_template(renderer: Renderer) -> None:
    template = parse_template("title", "{{ post.title }}|{{ post.description }}")
    for payload in [*_payloads(), "{{7*7}}", "{% raw %}", "{# #}"]:
        text = renderer.render(template, {"post": {"title": payload, "description": payload}})
        assert text == f"{payload}|{payload}"


def test_values_arrive_as_what_they_were(renderer: Renderer) -> None:
    template = parse_template("types", "{{ a + a }} {{ b.year }} {{ c[1] }} {{ d.e }} {{ f }}")
    context = {"a": Decimal("0.10"), "b": date(2026, 3, 2), "c": (1, 2), "d": {"e": "é\ud800"}, "f": 3}
    assert renderer.render(template, context) == "0.20 2026 2 é\ud800 3"


# -- T6: no silent blank ----------------------------------------------------------------------------------


def test_a_misspelt_variable_is_refused_with_its_line_in_the_file(renderer: Renderer) -> None:
    template = parse_template("typo", "+++\nsummary = 's'\n+++\nHello\n{{ post.titel }}\n")
    with pytest.raises(TemplateError) as caught:
        renderer.render(template, {"post": {"title": "x"}})
    assert str(caught.value).startswith("template typo, line 5: 'dict object' has no attribute 'titel'")


def test_a_mistake_in_a_partial_names_the_partial(renderer: Renderer) -> None:
    template = parse_template("main", "a\n{% include 'partials/p' %}", {"partials/p": "x\ny\n{{ nothing }}"})
    with pytest.raises(TemplateError, match=r"^template partials/p, line 3: 'nothing' is undefined"):
        renderer.render(template, {})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("one\n{% if %}", "line 2: Expected an expression"),
        ("{{ 'a' + 1 }}", "line 1: can only concatenate str"),
        ("{% include 'partials/none' %}", "line 1: partials/none"),
        ("{{ 1 // 0 }}", "line 1: integer division or modulo by zero"),
        ("{{ 1 | nosuch }}", "line 1: No filter named 'nosuch'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "line 1: it calls itself without end"),
    ],
)
def test_errors_name_template_and_line(body: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(parse_template("wrong", body), {})
    assert f"template wrong, {says}" in str(caught.value)
    assert "\n" not in str(caught.value)


# -- T5: names --------------------------------------------------------------------------------------------


def test_names_are_ids_and_nothing_outside_the_roots_is_read(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "proposals"
    own.mkdir(parents=True)
    secret = tmp_path / "secret.md.j2"
    secret.write_text("hunter2")
    (own / "link.md.j2").symlink_to(secret)
    (own / "UPPER.md.j2").write_text("x")
    (own / "mine.md.j2").write_text("mine")
    library = load_templates(tmp_path)
    assert "mine" in library.templates
    assert not {"link", "UPPER"} & set(library.templates)
    assert not any("hunter2" in text for text in library.templates["mine"].partials.values())


def test_no_listed_name_opens_anything() -> None:
    names = json.loads(
        next(
            text
            for name, text in _archive("own-cases.tar.gz").items()
            if name.endswith("template-names.json")
        )
    )
    library = load_templates()
    for name in names["names"]:
        with pytest.raises(TemplateError, match="there is no template"):
            library.get(name)


@pytest.mark.parametrize(
    "name", ["../hourly", "hourly\n", "", "hourly.md.j2", "/etc/passwd", "HOURLY", "a" * 65]
)
def test_a_name_that_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(TemplateError, match="there is no template"):
        load_templates().get(name)
