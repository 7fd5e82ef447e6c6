"""The command line `ampersand`.

Heavy imports wait until a command needs them, so that `--help` answers at once.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from shutil import get_terminal_size, which
from types import FrameType
from typing import Any, NoReturn

from .exit_codes import ExitCode
from .wording import counted

DISTRIBUTION = "dlt-source-ampersand"

_SEVERITIES = ("error", "warning", "info")

_EPILOG = """\
exit codes:
  0  done
  1  failed, nothing changed
  2  usage or configuration
  3  partly loaded: some projects failed, the others are loaded
  4  a gate that was asked for found something
  5  data loaded, but views or comments could not be made
  130, 143  interrupted

The API key comes from .dlt/secrets.toml or the environment (AMP_API_KEY),
never from an option. dlt's telemetry is off, unless the environment says
RUNTIME__DLTHUB_TELEMETRY=true.
"""

_TELEMETRY = "RUNTIME__DLTHUB_TELEMETRY"
"""dlt's setting, as an environment variable. A `config.toml` says nothing here: `dlt init` writes
its default, true, into each."""

_NOT_FOR_OTHERS = 0o007
"""Rights that the files made here, databases and dlt's own, never have; who is in the group is up
to the user's own mask."""

_DEMO = """\
Loads the integrations of a made-up company into a new database, changes some,
loads them again, and then asks what is in the tables. Needs no key and no
network, and takes some ten seconds.
"""

_DEMO_END = """\
All of it stays in {path}.

Which tables and views are there, and what is a row of each?

    {command} tables

What changed, what is wrong with the manifests, and what to do?

    {command} changes --duckdb {file}
    {command} findings --duckdb {file}

Ask something else, like this or with any other client of DuckDB:

    {python} -c 'import duckdb; duckdb.connect(
        "{file}").sql(
        "SELECT provider, COUNT(*) FROM {dataset}.current_integrations "
        "GROUP BY provider"
    ).show()'

To load your own integrations, set AMP_API_KEY and run:

    {command} load"""

_SANDBOX = """\
A local Ampersand API with {projects} is at {url}; any key will do. Stop it with Ctrl-C.

Load from it into a database of its own: what is in one stays in its history.

    AMP_API_KEY=any {command} load \\
        --base-url {url} --duckdb ampersand_sandbox.duckdb
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    arguments, unknown = _parser().parse_known_args(argv)
    if unknown:
        _refuse(arguments.parser, unknown)
    signal.signal(signal.SIGTERM, _terminate)
    os.environ.setdefault(_TELEMETRY, "false")  # dlt looks once, when the first pipeline is made
    os.umask(os.umask(0) | _NOT_FOR_OTHERS)
    try:
        return int(arguments.command(arguments))
    except KeyboardInterrupt as error:
        _interrupted(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED
    except Exception as error:
        from .errors import explain, interruption

        interrupt = interruption(error)
        if interrupt:
            _interrupted(interrupt)
        message, exit_code = explain(error)
        if sys.unraisablehook is sys.__unraisablehook__:
            sys.unraisablehook = lambda _: None  # files that cannot be closed would tell it again
        text = f"ampersand: {message}"
        if sys.stderr.isatty():
            from .report import fit

            text = fit(text, _width())
        print(text, file=sys.stderr)
        return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ampersand",
        description="Loads the integrations of Ampersand projects into relational tables.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> Any:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=run, parser=added)
        return added

    load = command("load", _load, "Load all projects, or some, and make the views.")
    _add_source_options(load)
    _add_target_options(load)
    load.add_argument(
        "--select",
        action="append",
        metavar="TABLE",
        help="load this table only (repeatable); the ledger's tables always come along",
    )
    load.add_argument(
        "--collection",
        action="append",
        metavar="NAME",
        help="load this besides the integrations, such as installations or operations "
        "(repeatable); default: the setting collections, else all but operations",
    )
    load.add_argument(
        "--table-format",
        choices=("delta", "iceberg"),
        help="format of the tables in a lake, which --destination filesystem needs",
    )
    load.add_argument(
        "--full", action="store_true", help="load unchanged listings again; drops nothing"
    )
    load.add_argument(
        "--dry-run", action="store_true", help="ask the API and count rows, but load nothing"
    )
    load.add_argument("--json", action="store_true", help="print the summary as JSON")
    load.add_argument("--quiet", action="store_true", help="no progress; errors only")

    check = command(
        "check", _check, "Are key and address good? Which projects do they see? Loads nothing."
    )
    _add_source_options(check)
    check.add_argument("--json", action="store_true", help="print the answer as JSON")

    rebuild = command(
        "rebuild", _rebuild, "Make all rows again from the stored content, without the API."
    )
    _add_target_options(rebuild)

    changes = command("changes", _changes, "What changed in projects and integrations, and when.")
    changes.add_argument(
        "--since",
        metavar="WHEN",
        default="7d",
        help="a span such as 12h, 7d or 4w, or a day such as 2026-03-01 (default: 7d)",
    )
    _add_format_option(changes)
    _add_target_options(changes)

    load_manifests = command(
        "load-manifests", _load_manifests, "Load what manifests (amp.yaml) declare, beside it."
    )
    load_manifests.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, or a folder with amp.yaml files in it"
    )
    load_manifests.add_argument(
        "--project",
        action="append",
        metavar="P",
        help="id or name of the project that they are for (repeatable); default: the only one",
    )
    load_manifests.add_argument(
        "--history", action="store_true", help="load what each commit of this git branch declared"
    )
    _add_target_options(load_manifests)

    drift = command("drift", _drift, "Where what is deployed differs from what manifests declare.")
    drift.add_argument(
        "--project",
        action="append",
        metavar="P",
        help="id or name of a project (repeatable); default: all that have manifests",
    )
    drift.add_argument(
        "--manifests",
        nargs="+",
        metavar="PATH",
        help="compare these files and folders, without loading them",
    )
    drift.add_argument(
        "--fail-on-drift", action="store_true", help="exit with 4 when there is a difference"
    )
    _add_format_option(drift)
    _add_target_options(drift)

    findings = command("findings", _findings, "What is wrong with the manifests, and what to do.")
    findings.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default="warning",
        help="show findings of this severity and the worse ones (default: warning)",
    )
    findings.add_argument(
        "--fail-on",
        choices=_SEVERITIES,
        help="exit with 4 when there is a finding of this severity or a worse one",
    )
    findings.add_argument(
        "--manifests",
        nargs="+",
        metavar="PATH",
        help="look at these files and folders, instead of what was loaded; needs no key",
    )
    _add_format_option(findings, "github", "junit")
    _add_target_options(findings)

    report = command(
        "report", _report, "Make one HTML file about what is loaded, for people without a database."
    )
    report.add_argument(
        "--out", metavar="FILE", default="report.html", help="(default: report.html)"
    )
    report.add_argument("--open", action="store_true", help="show it in the browser")
    _add_target_options(report)

    tables = command("tables", _tables, "List the tables and views, and what a row of each is.")
    _add_format_option(tables)

    views = command(
        "views", _views, "Print the SQL that makes the views in another engine; asks nobody."
    )
    views.add_argument(
        "--dialect",
        required=True,
        metavar="NAME",
        help="the engine's SQL, such as spark, trino or snowflake",
    )
    views.add_argument(
        "--dataset",
        metavar="NAME",
        help="schema that has the tables, and gets the views (default: ampersand_data)",
    )
    views.add_argument(
        "--catalog", metavar="NAME", help="what the schema is in; on BigQuery the project"
    )
    views.add_argument(
        "--collection",
        action="append",
        metavar="NAME",
        help="what is loaded besides the integrations (repeatable); default: as for load",
    )

    demo = command(
        "demo", _demo, "Load a made-up company twice and ask about it; needs no key, no network."
    )
    demo.add_argument(
        "--duckdb",
        metavar="FILE",
        help="database to make (default: ampersand_demo.duckdb, which is replaced)",
    )
    demo.add_argument("--replace", action="store_true", help="replace FILE if it is there")

    sandbox = command("sandbox", _sandbox, "Serve a local Ampersand API, with made-up data.")
    sandbox.add_argument(
        "--manifests",
        metavar="DIR",
        help="serve the amp.yaml and amp.yml files of this folder, as they are at the start",
    )
    sandbox.add_argument("--port", type=_port, default=8080, metavar="N", help="(default: 8080)")
    sandbox.add_argument(
        "--projects",
        type=int,
        default=1,
        metavar="N",
        help="spread the integrations of --manifests over N projects (default: 1)",
    )
    return parser


def _refuse(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> NoReturn:
    """Names an option that a command does not have, but no value: that may be a key."""
    options = [text.partition("=")[0] for text in unknown if text.startswith("-")]
    if not options:
        parser.error("too many arguments")
    known = [name for action in parser._actions for name in action.option_strings]
    alike = get_close_matches(options[0], known, 1)
    hint = f"; did you mean {alike[0]}?" if alike else ""
    parser.error(f"there is no option {options[0]}{hint}")


def _add_source_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project",
        action="append",
        metavar="P",
        help="id or name of a project (repeatable); default: all that the key can see",
    )
    parser.add_argument("--base-url", metavar="URL", help="root of the API, with or without /v1")


def _add_target_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--destination",
        default="duckdb",
        metavar="NAME",
        help="dlt's name of the kind of database (default: duckdb)",
    )
    parser.add_argument(
        "--duckdb", metavar="FILE", help="DuckDB's database file (default: ampersand.duckdb)"
    )
    parser.add_argument(
        "--dataset", metavar="NAME", help="schema in the database (default: ampersand_data)"
    )
    parser.add_argument(
        "--pipelines-dir", metavar="DIR", help="folder for dlt's working files (default: dlt's)"
    )


def _add_format_option(parser: argparse.ArgumentParser, *more: str) -> None:
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json", *more),
        default="table",
        help="csv is safe to open in a spreadsheet, json is exact (default: table)",
    )


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError
    return number


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"ampersand {version(DISTRIBUTION)}")
        parser.exit()


def _load(arguments: argparse.Namespace) -> int:
    from dlt.extract import DltSource

    from ampersand import ConfigurationError, ampersand_source
    from ampersand.tables import TABLES_BY_NAME

    from .alert import alert_of_failure, alert_of_load
    from .load import load
    from .logs import set_up_logs
    from .pipeline import (
        check_target,
        find_project_folder,
        given,
        no_empty_database,
        only_run,
        throwaway_pipeline,
    )
    from .progress import make_progress
    from .report import fit, load_json, load_summary

    unknown = [name for name in arguments.select or () if name not in TABLES_BY_NAME]
    if unknown:
        raise ConfigurationError(
            f"there is no table {unknown[0]}; --select takes: {', '.join(TABLES_BY_NAME)}"
        )
    find_project_folder()
    log = set_up_logs(without_ledger=arguments.quiet or sys.stderr.isatty())
    target = _target(arguments)
    place = target.place

    def source() -> DltSource:
        everything: DltSource = ampersand_source(
            **given(
                projects=arguments.project,
                base_url=arguments.base_url,
                collections=arguments.collection,
                full=arguments.full or None,
            )
        )
        return everything.with_resources(*arguments.select) if arguments.select else everything

    progress = make_progress(log, quiet=arguments.quiet, dry_run=arguments.dry_run)
    if arguments.dry_run:
        check_target(target)
        with throwaway_pipeline(progress) as pipeline:
            report = load(pipeline, source())
    else:
        with alert_of_failure(place, log), no_empty_database(target):
            check_target(target)
            wanted = source()
            with only_run(target, progress) as pipeline:
                report = load(pipeline, wanted, arguments.table_format)
    exit_code = ExitCode.DONE
    if report.views_error:
        exit_code = ExitCode.NO_VIEWS
    if not report.is_complete:
        exit_code = ExitCode.PARTLY_LOADED
    if not arguments.dry_run:
        alert_of_load(report, place, exit_code, log)
    if arguments.json:
        print(load_json(report, place, exit_code, dry_run=arguments.dry_run))
    elif not arguments.quiet or exit_code or report.many_are_gone:
        summary = load_summary(report, place, dry_run=arguments.dry_run)
        print(fit(summary, _width()) if sys.stdout.isatty() else summary)
    return exit_code


def _check(arguments: argparse.Namespace) -> int:
    from .check import check
    from .logs import set_up_logs
    from .pipeline import find_project_folder

    find_project_folder()
    set_up_logs()
    answer = check(arguments.project, arguments.base_url)
    print(answer.as_json() if arguments.json else answer.as_text())
    return answer.exit_code


def _rebuild(arguments: argparse.Namespace) -> int:
    from ampersand import create_views, rebuild

    from .logs import set_up_logs
    from .pipeline import connect_once, find_project_folder, only_run

    find_project_folder()
    set_up_logs()
    with only_run(_target(arguments)) as pipeline:
        connect_once(pipeline)
        count = rebuild(pipeline)
        create_views(pipeline)
    print(f"The rows of {counted(count, 'revision')} were made again, and the views.")
    return ExitCode.DONE


def _changes(arguments: argparse.Namespace) -> int:
    from .changes import (
        for_people,
        for_terminal,
        not_compared,
        nothing_changed,
        read_changes,
        since,
    )
    from .output import render
    from .pipeline import find_project_folder
    from .reading import open_dataset
    from .report import fit

    moment = since(arguments.since)
    find_project_folder()
    with open_dataset(_target(arguments)) as dataset:
        answer = read_changes(dataset, moment)
        note = not_compared(dataset, moment, changed=bool(answer.rows))
        nothing = None if answer.rows or note else nothing_changed(dataset, moment)
    if arguments.format != "table":
        print(render(answer, arguments.format))
        if note:
            print(note, file=sys.stderr)
        return ExitCode.DONE
    if answer.rows:
        if sys.stdout.isatty():
            print(fit(for_terminal(answer), _width()))
        else:
            print(render(for_people(answer), "table"))
    if note:
        print(f"\n{note}" if answer.rows else note)
    elif nothing:
        print(nothing)
    return ExitCode.DONE


def _load_manifests(arguments: argparse.Namespace) -> int:
    from ampersand import manifests_source

    from .declare import load_manifests, summary
    from .logs import set_up_logs
    from .pipeline import find_project_folder, no_empty_database, only_run

    find_project_folder()
    set_up_logs()
    target = _target(arguments)
    source = manifests_source(
        arguments.paths, projects=arguments.project, history=arguments.history
    )
    with no_empty_database(target), only_run(target) as pipeline:
        loaded = load_manifests(pipeline, source)
    print(summary(loaded, target.place, history=arguments.history))
    return ExitCode.DONE


def _drift(arguments: argparse.Namespace) -> int:
    from .drift import compare, for_people, for_terminal, read_drift
    from .output import render
    from .pipeline import find_project_folder
    from .reading import open_dataset
    from .report import fit

    find_project_folder()
    with open_dataset(_target(arguments)) as dataset:
        if arguments.manifests:
            paths = [Path(path) for path in arguments.manifests]
            drift = compare(dataset, paths, arguments.project)
        else:
            drift = read_drift(dataset, arguments.project)
    if arguments.format != "table":
        print(render(drift, arguments.format))
    elif not drift.rows:
        print("What is deployed is what the manifests declare.")
    elif sys.stdout.isatty():
        print(fit(for_terminal(drift), _width()))
    else:
        print(render(for_people(drift), "table"))
    return ExitCode.GATE if drift.rows and arguments.fail_on_drift else ExitCode.DONE


def _findings(arguments: argparse.Namespace) -> int:
    from .annotations import as_github, as_junit
    from .findings import at_least, check_manifests, count, for_people, read_findings
    from .output import render
    from .pipeline import find_project_folder
    from .reading import open_dataset
    from .report import fit

    find_project_folder()
    if arguments.manifests:
        findings = check_manifests([Path(path) for path in arguments.manifests])
    else:
        with open_dataset(_target(arguments)) as dataset:
            findings = read_findings(dataset)
    shown = at_least(findings, arguments.severity)
    if arguments.format == "github":
        print(as_github(shown), end="\n" if shown.rows else "")
    elif arguments.format == "junit":
        print(as_junit(shown))
    elif arguments.format != "table":
        print(render(shown, arguments.format))
    elif shown.rows:
        text = for_people(shown)
        print(fit(text, _width()) if sys.stdout.isatty() else text, end="\n\n")
    print(
        count(findings, arguments.severity),
        file=sys.stdout if arguments.format == "table" else sys.stderr,
    )
    if arguments.fail_on and at_least(findings, arguments.fail_on).rows:
        return ExitCode.GATE
    return ExitCode.DONE


def _report(arguments: argparse.Namespace) -> int:
    import webbrowser
    from datetime import UTC, datetime

    from .html_report import check_file, write_report
    from .pipeline import find_project_folder
    from .reading import open_dataset

    file = Path(arguments.out).absolute()
    check_file(file)
    find_project_folder()
    target = _target(arguments)
    with open_dataset(target) as dataset:
        write_report(dataset, target.place, file, datetime.now(UTC))
    print(f"The report is in {file}.")
    if arguments.open and not webbrowser.open(file.as_uri()):
        print("ampersand: there is no browser here; open the file yourself", file=sys.stderr)
    return ExitCode.DONE


def _tables(arguments: argparse.Namespace) -> int:
    from ampersand.tables import TABLES
    from ampersand.views import VIEWS

    from .output import Answer, render

    if arguments.format == "table":
        columns = ("kind", "name", "one row per")
        rows = [("table", table.name, table.grain) for table in TABLES]
        rows += [("view", view.name, view.grain) for view in VIEWS]
    else:
        columns = ("kind", "name", "description")
        rows = [("table", table.name, f"One row per {table.grain}.") for table in TABLES]
        rows += [("view", view.name, view.description) for view in VIEWS]
    print(render(Answer(columns, rows), arguments.format))
    return ExitCode.DONE


def _views(arguments: argparse.Namespace) -> int:
    from ampersand import view_statements

    from .pipeline import DEFAULT_DATASET, find_project_folder

    find_project_folder()
    dataset = arguments.dataset or DEFAULT_DATASET
    for statement in view_statements(
        arguments.dialect, dataset, arguments.catalog, collections=arguments.collection
    ):
        print(f"{statement};\n")
    return ExitCode.DONE


def _demo(arguments: argparse.Namespace) -> int:
    if arguments.duckdb and Path(arguments.duckdb).exists() and not arguments.replace:
        from ampersand import ConfigurationError

        raise ConfigurationError(f"{arguments.duckdb} is there already; --replace replaces it")
    print(_DEMO, flush=True)
    os.environ[_TELEMETRY] = "false"  # whoever asks for it does not mean a made-up company
    from tempfile import TemporaryDirectory
    from textwrap import indent

    from .demo import DATASET, DEFAULT_FILE, QUESTIONS, ask, load_demo
    from .report import fit, text_table

    file = Path(arguments.duckdb or DEFAULT_FILE)
    width = _width()

    def tell(text: str) -> None:
        print(fit(text, width), end="\n\n", flush=True)

    with TemporaryDirectory(prefix="ampersand-") as folder:
        load_demo(file, Path(folder), tell)
    tell(f"Now the questions, in SQL. They run as they stand after: USE {DATASET};")
    for number, question in enumerate(QUESTIONS, 1):
        answer = ask(file, question)
        tell(f"{number}. {question.title}")
        print(indent(question.sql, "    "), text_table(answer.columns, answer.rows), sep="\n\n")
        print()
    print(
        _DEMO_END.format(
            path=file.absolute(), dataset=DATASET, python=_python(), file=file, command=_command()
        )
    )
    return ExitCode.DONE


def _sandbox(arguments: argparse.Namespace) -> int:
    from .sandbox import SandboxServer, bundled_account, read_manifests

    if arguments.manifests:
        account = read_manifests(Path(arguments.manifests), projects=arguments.projects)
    else:
        account = bundled_account()
    try:
        server = SandboxServer(account, port=arguments.port)
    except OSError as error:
        print(
            f"ampersand: port {arguments.port} cannot be used ({error.strerror}); "
            "choose another with --port",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    with server:
        projects = counted(len(account.projects), "project")
        print(_SANDBOX.format(projects=projects, url=server.url, command=_command()), flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return ExitCode.DONE
    return ExitCode.DONE


def _python() -> Path:
    """What runs this, as one would type it here."""
    python = Path(sys.executable)
    return python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python


def _command() -> str:
    """This command, as one would type it here."""
    return "ampersand" if which("ampersand") else str(_python().with_name("ampersand"))


def _width() -> int:
    """Columns of text that a person reads with ease, as far as the terminal has them."""
    return min(get_terminal_size().columns, 100)


def _target(arguments: argparse.Namespace) -> Any:
    from .pipeline import DEFAULT_DATASET, Target

    return Target(
        destination=arguments.destination,
        duckdb_file=arguments.duckdb,
        dataset=arguments.dataset or DEFAULT_DATASET,
        pipelines_dir=arguments.pipelines_dir,
    )


def _terminate(number: int, frame: FrameType | None) -> None:
    interrupt = KeyboardInterrupt()
    interrupt.signal_code = number  # type: ignore[attr-defined]
    raise interrupt


def _interrupted(interrupt: KeyboardInterrupt) -> NoReturn:
    number = getattr(interrupt, "signal_code", signal.SIGINT)
    code = ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED
    print("ampersand: interrupted; what was loaded before is as it was", file=sys.stderr)
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(code)  # requests under way would hold up an ordinary exit until they time out


if __name__ == "__main__":
    sys.exit(main())
