#!/usr/bin/python3
"""Makes what describes the command line from the program's own tables (latchkeyd describe).

usage: generate.py manual|configuration|bash|zsh|fish describe.json OUTPUT [TEMPLATE]
"""
import json
import pathlib
import re
import sys

# --- the tables -------------------------------------------------------------------------------------------------------


def groups(tables):
    """{group: [command, …]} in the order of the table."""
    found = {}
    for command in tables["commands"]:
        found.setdefault(command["group"], []).append(command)
    return found


def choices(setting):
    """The values of a setting that has few: "open, admin or closed"; else none."""
    match = re.fullmatch(r"((?:[a-z]+, )*[a-z]+) or ([a-z]+)", setting["allowed"])
    return match[1].split(", ") + [match[2]] if match else []


# --- manual pages -----------------------------------------------------------------------------------------------------


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("\u2026", "...")
    return "\\&" + text if text[:1] in (".", "'") else text


def usage(command):
    words = " ".join(filter(None, [command["group"], command["name"]]))
    rest = re.sub(r"[A-Z]{2,}", lambda word: f"\\fI{word[0]}\\fR", roff(command["usage"]))
    return f"\\fB{roff(words)}\\fR {rest}".strip()


def manual(tables, template):
    parts = {
        "COMMANDS": "".join(f".TP\n{usage(c)}\n{roff(c['meaning'].capitalize())}.\n" for c in tables["commands"]),
        "OPTIONS": "".join(
            f".TP\n\\fB{roff(o['name'])}\\fR" + (f" \\fI{o['value']}\\fR" if o["value"] else "") +
            f"\n{roff(o['meaning'])}.\n" for o in tables["options"]),
        "SETTINGS": "".join(
            f".TP\n\\fB{roff(s['name'])}\\fR = \\fI{roff(s['default']) or chr(92) + '(dq' + chr(92) + '(dq'}\\fR\n"
            f"{roff(s['meaning'])}.\nIt takes {roff(s['allowed'])}.\n" for s in tables["settings"]),
    }
    return re.sub(r"^@([A-Z]+)@\n", lambda name: parts[name[1]], template, flags=re.MULTILINE)


# --- the configuration ------------------------------------------------------------------------------------------------

HERE = {"data_dir": "/var/lib/latchkey"}  # what an installed package says otherwise than the program


def configuration(tables, _):
    text = ["# Latchkey's configuration: one \"key = value\" a line; see latchkey.conf(5). Lines that begin with # are the",
            "# defaults. 'systemctl reload latchkeyd' takes most changes; addresses, public_url, folders, sizes, threads and",
            "# connections take a restart.", ""]
    for setting in tables["settings"]:
        text += [f"# {setting['name']}: {setting['meaning']}.", f"# It takes {setting['allowed']}."]
        value = HERE.get(setting["name"])
        line = f"{setting['name']} = {setting['default'] if value is None else value}".rstrip()
        text += [line if value else f"#{line}", ""]
    return "\n".join(text)


# --- completion -------------------------------------------------------------------------------------------------------


def bash(tables, _):
    names = groups(tables)
    cases = []
    for group, commands in names.items():
        if commands[0]["name"]:
            words = " ".join(c["name"] for c in commands)
            cases.append(f"        {group}) [ $at -gt 1 ] || words=\"{words}\" ;;")
    options = [f"        \"{' '.join(filter(None, [c['group'], c['name']]))}\") words=\"$words {' '.join(c['options'])}\" ;;"
               for c in tables["commands"]]
    values = [f"        {s['name']}) COMPREPLY=($(compgen -W \"{' '.join(choices(s))}\" -- \"$cur\")); return ;;"
              for s in tables["settings"] if choices(s)]
    settings = " ".join(s["name"] + "=" for s in tables["settings"])
    cases, options, values = "\n".join(cases), "\n".join(options), "\n".join(values)
    return f"""# Completion of latchkeyd for bash. Made by boards/linux/generate.py.
_latchkeyd() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} words="" at=0 i group="" name=""
    # "key=value" is three words to bash.
    if [ "$cur" = "=" ]; then
        cur=""
        prev=${{COMP_WORDS[COMP_CWORD - 1]}}
    elif [ "$prev" = "=" ]; then
        prev=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    case $prev in
{values}
        --config) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
        -* | *=*) ;;
        *)
            at=$((at + 1))
            [ $at -ne 1 ] || group=${{COMP_WORDS[i]}}
            [ $at -ne 2 ] || name=${{COMP_WORDS[i]}}
            ;;
        esac
    done
    case $group in
        "") words="{' '.join(names)} {settings} --config --help --version" ;;
{cases}
    esac
    case "$group $name" in
{options}
    esac
    case $group in
{chr(10).join(f'        {c["group"]}) words="$words {" ".join(c["options"])}" ;;' for c in tables["commands"] if not c["name"])}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    case ${{COMPREPLY[0]}} in
    *=) compopt -o nospace 2>/dev/null ;;
    "") COMPREPLY=($(compgen -f -- "$cur")) ;;
    esac
}}
complete -F _latchkeyd latchkeyd
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh(tables, _):
    def list_of(name, rows):
        body = "".join(f"\n        {quoted(word.replace(':', chr(92) + ':') + ':' + meaning)}" for word, meaning in rows)
        return f"      {name}=({body}\n      )\n"

    names = groups(tables)
    first = [(group, commands[0]["meaning"] if not commands[0]["name"] else ", ".join(c["name"] for c in commands))
             for group, commands in names.items()]
    values = "".join(f"    {s['name']}=*) compset -P '*='; compadd -- {' '.join(choices(s))}; return ;;\n"
                     for s in tables["settings"] if choices(s))
    inner = "".join(f"    {group})\n{list_of('commands', [(c['name'], c['meaning']) for c in commands])}      ;;\n"
                    for group, commands in names.items() if commands[0]["name"])
    options = "".join(f"    '{c['group']} '{c['name'] or '*'}) options=({' '.join(c['options'])}) ;;\n"
                      for c in tables["commands"])
    return f"""#compdef latchkeyd
# Completion of latchkeyd for zsh. Made by boards/linux/generate.py.
_latchkeyd() {{
  local -a given commands options settings
  local word
  for word in ${{words[2,CURRENT-1]}}; do
    [[ $word == -* || $word == *=* ]] || given+=$word
  done
  if [[ ${{words[CURRENT-1]}} == --config ]]; then
    _files
    return
  fi
  case $PREFIX in
{values}  esac
  local group=${{given[1]}} name=${{given[2]}}
  case $group in
    '')
      options=(--config --help --version)
{list_of("commands", first)}{list_of("settings", [(s["name"] + "=", s["meaning"]) for s in tables["settings"]])}      ;;
{inner}  esac
  case "$group $name" in
{options}  esac
  (( $#given < 2 )) && (( $#commands )) && _describe command commands
  (( $#settings )) && _describe -t settings setting settings -S ''
  (( $#options )) && compadd -- $options
  [[ -n $group ]] && _files
}}
_latchkeyd "$@"
"""


def fish(tables, _):
    names = groups(tables)
    lines = ["# Completion of latchkeyd for fish. Made by boards/linux/generate.py.",
             f"set -l groups {' '.join(names)}", "complete -c latchkeyd -f"]
    fresh = '-n "not __fish_seen_subcommand_from $groups"'
    for group, commands in names.items():
        meaning = commands[0]["meaning"] if not commands[0]["name"] else ", ".join(c["name"] for c in commands)
        lines.append(f"complete -c latchkeyd {fresh} -a {group} -d {quoted(meaning)}")
        for command in commands:
            seen = f'-n "__fish_seen_subcommand_from {group}"'
            if command["name"]:
                inner = " ".join(c["name"] for c in commands)
                lines.append(f'complete -c latchkeyd -n "__fish_seen_subcommand_from {group}; and not '
                             f'__fish_seen_subcommand_from {inner}" -a {command["name"]} -d {quoted(command["meaning"])}')
                seen = f'-n "__fish_seen_subcommand_from {group}; and __fish_seen_subcommand_from {command["name"]}"'
            elif "DIR" in command["usage"] or "FILE" in command["usage"]:
                lines.append(f"complete -c latchkeyd {seen} -F")
            known = {o["name"]: o for o in tables["options"]}
            for option in command["options"]:
                value = " -r" if known[option]["value"] else ""
                lines.append(f"complete -c latchkeyd {seen} -l {option[2:]}{value} -d {quoted(known[option]['meaning'])}")
    lines.append(f"complete -c latchkeyd {fresh} -l config -r -F -d 'configuration file'")
    for setting in tables["settings"]:
        for value in choices(setting) or [""]:
            lines.append(f"complete -c latchkeyd {fresh} -a {setting['name']}={value} -d {quoted(setting['meaning'])}")
    return "\n".join(lines) + "\n"


def main():
    kind, source, output, *template = sys.argv[1:]
    tables = json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    text = pathlib.Path(template[0]).read_text(encoding="utf-8") if template else None
    maker = {"manual": manual, "configuration": configuration, "bash": bash, "zsh": zsh, "fish": fish}[kind]
    pathlib.Path(output).write_text(maker(tables, text), encoding="utf-8")


main()
