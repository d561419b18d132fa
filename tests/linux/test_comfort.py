"""Manual pages, the sample configuration and the completions: complete, and good for the programs that read them."""
import json
import pathlib
import re
import tempfile

import pytest

import lk
from linux import BOARD, MADE, run

TABLES = json.loads(run(lk.BINARY, "describe"))
GROUPS = list(dict.fromkeys(command["group"] for command in TABLES["commands"]))
PAGES = [MADE / "latchkeyd.8", MADE / "latchkey.conf.5", BOARD / "man/latchkey_jwt.3"]


def test_describe_says_what_help_says():
    shown = run(lk.BINARY, "--help")
    for command in TABLES["commands"]:
        assert " ".join(filter(None, [command["group"], command["name"], command["usage"]])) in shown
    for row in TABLES["options"] + TABLES["settings"]:
        assert f"  {row['name']} " in shown and row["meaning"] in shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_manual_page_is_well_formed(page):
    done = run("sh", "-c", f"groff -ww -b -z -man -Tutf8 {page} 2>&1")
    assert done == ""


def rendered(page):
    return run("sh", "-c", f"groff -man -Tascii -P-cbou -rLL=2000n {page}")


def test_the_manual_is_complete():
    manual = rendered(MADE / "latchkeyd.8")
    for command in TABLES["commands"]:
        words = " ".join(filter(None, [command["group"], command["name"], command["usage"]]))
        assert words in manual, words
    for option in TABLES["options"]:
        assert option["name"] in manual
    settings = rendered(MADE / "latchkey.conf.5")
    for setting in TABLES["settings"]:
        assert re.search(rf"^ +{setting['name']} = ", settings, re.MULTILINE), setting["name"]
        assert setting["meaning"] in settings
    library = rendered(BOARD / "man/latchkey_jwt.3")
    header = (lk.ROOT / "src/jwt/latchkey_jwt.h").read_text()
    functions = set(re.findall(r"^[a-z].*?\b\*?(lk_jwt_\w+)\(", header, re.MULTILINE))
    assert len(functions) >= 7
    for function in functions:
        assert function in library, function


def test_the_sample_configuration(tmp_path):
    text = (MADE / "latchkey.conf").read_text()
    found = re.findall(r"^#?(\w+) =", text, re.MULTILINE)
    assert found == [setting["name"] for setting in TABLES["settings"]]
    # With every comment taken away it is still one that the server takes.
    whole = re.sub(r"^#(\w+ =)", r"\1", text, flags=re.MULTILINE).replace("/var/lib/latchkey", str(tmp_path / "data"))
    # An empty value where something is asked for is what the comment stands for.
    whole = re.sub(r"^(tls_certificate|tls_key|public_url|jwt_key_file|internal_key_file|mail_ca_file|mail_fingerprint) =$",
                   "", whole, flags=re.MULTILINE)
    file = tmp_path / "latchkey.conf"
    file.write_text(whole)
    run(lk.BINARY, "user", "add", "ann", "ann@x.io", "--stdin", "--config", file, input="S3cure-pass!\n")
    assert "ann" in run(lk.BINARY, "user", "list", "--config", file)


# --- completion ------------------------------------------------------------------------------------------------------------


def in_bash(line):
    words = re.split(r"( |=)", line)
    words = [word for word in words if word not in (" ",)]
    if not line.endswith(" ") and words[-1] == "":
        words.pop()
    if line.endswith("="):
        words.append("")
    script = f"""
        source {MADE / 'latchkeyd.bash'}
        COMP_WORDS=({' '.join("'" + word + "'" for word in words)})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _latchkeyd
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run("bash", "--norc", "-c", script).split()


def in_fish(line):
    script = f"source {MADE / 'latchkeyd.fish'}; complete -C '{line}'"
    return [row.split("\t")[0] for row in run("fish", "--no-config", "-c", script).splitlines()]


# A shell at a terminal of its own, where the Tab key is pressed once; all that is offered goes to a file.
ZSH = r"""
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "source $1/setup"
zpty -w -n inner "$2"$'\t'
while zpty -r inner output; do :; done
"""
ZSH_SETUP = r"""
PROMPT=
fpath=({made} $fpath)
autoload -Uz compinit && compinit -u -D
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
comppostfuncs=(exit)
compadd() {{
    # What only fills arrays offers nothing.
    if [[ " ${{@[1,(i)(-|--)]}} " != *\ -(O|A|D)\ * ]]; then
        local -a hits
        builtin compadd -A hits "$@"
        print -rl -- $hits >>{offered}
    fi
    builtin compadd "$@"
}}
"""


def in_zsh(line):
    with tempfile.TemporaryDirectory() as folder:
        offered = pathlib.Path(folder, "offered")
        offered.write_text("")
        pathlib.Path(folder, "setup").write_text(ZSH_SETUP.format(made=MADE, offered=offered))
        run("zsh", "-f", "-c", ZSH, "zsh", folder, line)
        return offered.read_text().split()


@pytest.mark.parametrize("complete", [in_bash, in_fish, in_zsh])
def test_completion(complete, tmp_path):
    every = complete("latchkeyd ")
    assert set(GROUPS) <= set(every)
    for setting in TABLES["settings"]:
        assert any(word.startswith(setting["name"] + "=") for word in every), setting["name"]
    assert set(complete("latchkeyd us")) == {"user"}
    inner = {command["name"] for command in TABLES["commands"] if command["group"] == "user"}
    assert inner <= set(complete("latchkeyd user "))
    for command in TABLES["commands"]:
        words = " ".join(filter(None, [command["group"], command["name"]]))
        offered = complete(f"latchkeyd {words} --")
        assert set(command["options"]) <= set(offered), (words, offered)
    assert "--admin" not in complete("latchkeyd status --")
    values = complete("latchkeyd signup=")
    assert {word.removeprefix("signup=") for word in values} == {"open", "admin", "closed"}
