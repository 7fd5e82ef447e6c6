"""Messages to a chat, in Slack's form, when somebody should look at a load.

The address is dlt's own setting, `slack_incoming_hook` under `[runtime]`; anyone who has it can
write to the channel, so it is a secret, and never shown.
"""

import logging
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dlt
from dlt.common.runtime.slack import send_slack_message

from .errors import explain, interruption
from .exit_codes import ExitCode
from .load import LoadReport
from .logs import set_up_logs
from .pipeline import find_project_folder
from .report import failed_in_words, gone_in_words
from .wording import first

PATIENCE = 10.0
"""Seconds to wait until a message is taken; dlt's helper would wait for ever."""

_TITLES = {
    ExitCode.DONE: "much is gone",
    ExitCode.PARTLY_LOADED: "partly loaded",
    ExitCode.NO_VIEWS: "loaded, without views",
}

_SHOWN = 10
"""Lines of a message before the rest is only counted."""


@contextmanager
def alert_of_failure(place: str, log: logging.Logger) -> Iterator[None]:
    """Tells when a load fails; not when somebody interrupts it.

    Args:
        place: Where it loads to.
        log: Where it is said that a message could not be sent.
    """
    try:
        yield
    except Exception as error:
        if not interruption(error):
            message, _ = explain(error)
            tell(f"*ampersand load failed*: {place}", message.split("\n"), log)
        raise


def alert_of_load(report: LoadReport, place: str, exit_code: ExitCode, log: logging.Logger) -> None:
    """Tells of a load that ended, where somebody should look at it.

    Args:
        report: What it did.
        place: Where it loaded to.
        exit_code: What the command exits with.
        log: Where it is said that a message could not be sent.
    """
    lines = [f"{each.name or each.project_id}: {each.error}" for each in report.failed]
    lines += [f"a key's list of projects: {error}" for error in report.failed_keys]
    lines += [failed_in_words(each) for each in report.failed_collections]
    if report.views_error:
        lines.append(report.views_error)
    if report.many_are_gone:
        lines.append(f"gone since the last run: {gone_in_words(report)}; was this meant?")
    if lines:
        title = f"*ampersand load: {_TITLES[exit_code]}*: {place} (run {report.run_id})"
        tell(title, lines, log)


def tell(title: str, lines: Sequence[str], log: logging.Logger) -> None:
    """Sends a message where an address is set; whether it arrives decides nothing.

    Args:
        title: Its first line.
        lines: The others; of many, the first ones.
        log: Where it is said that it could not be sent.
    """
    hook = dlt.current.run_context().runtime_config.slack_incoming_hook
    if not hook:
        return
    failures: list[str] = []

    def post() -> None:
        try:
            send_slack_message(hook, _message(title, lines))
        except Exception as error:  # its text has the address in it
            failures.append(type(error).__name__)

    sender = threading.Thread(target=post, daemon=True)
    sender.start()
    sender.join(PATIENCE)
    if sender.is_alive():
        failures.append("no answer in time")
    if failures:
        log.warning(
            "The message to slack_incoming_hook could not be sent (%s): look at the address under "
            "[runtime] in .dlt/secrets.toml",
            failures[0],
        )


def _message(title: str, lines: Sequence[str]) -> str:
    listed = [f"- {line}" for line in first(lines, _SHOWN)]
    return "\n".join(_escaped(line) for line in (title, *listed))


def _escaped(text: str) -> str:
    """Text that Slack shows as it is; a name may not call a channel together, as `<!here>` would.

    Source: Slack's guide to formatting text, "Escaping text".
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":  # for a scheduler that can only start programs
    find_project_folder()
    tell(sys.argv[1], sys.argv[2:], set_up_logs())
