"""The commands of docs/walkthrough.md, run one after another in one shell against a node with the settings of the page."""
import re
import subprocess

import mesh

PAGE = (mesh.ROOT / "docs/walkthrough.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "=== end of a block ==="


def shown_as(text):
    """Matches what the page shows; an ellipsis stands for anything within a line."""
    return ".*".join(re.escape(part) for part in text.strip().split("…"))


def test_every_command_of_the_walkthrough_gives_what_the_page_shows(make_node):
    blocks = BLOCK.findall(PAGE)
    assert {kind for kind, _ in blocks} == {"ini", "sh", "text"}
    settings = dict(line.split("=", 1) for line in blocks[0][1].splitlines())
    assert (settings.pop("DMP_DNS_PORT"), settings.pop("DMP_HTTP_PORT"), settings.pop("DMP_DB_PATH")) == ("5353", "8053", "dmp.db")
    node = make_node(environment=settings).start()
    steps = []  # (commands, what they show)
    for kind, text in blocks[1:]:
        if kind == "sh":
            steps.append([text.replace("5353", str(node.dns_port)).replace("8053", str(node.http_port)), ""])
        else:
            assert steps[-1][1] == "", "a second output of one block"
            steps[-1][1] = text
    script = "set -eu\n" + "".join(f"{commands}\nprintf '\\n%s\\n' '{MARK}'\n" for commands, _ in steps)
    run = subprocess.run(["bash"], input=script, cwd=node.folder, capture_output=True, text=True, timeout=60 * mesh.SLOWNESS)
    assert run.returncode == 0, run.stdout + run.stderr
    outputs = run.stdout.split(MARK)[:-1]
    assert len(outputs) == len(steps)
    for (commands, shown), output in zip(steps, outputs):
        assert re.fullmatch(shown_as(shown), output.strip()), f"{commands}\n--- gave\n{output}\n--- the page shows\n{shown}"
