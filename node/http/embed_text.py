#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes C++ source of a function that gives the text of a file: embed_text.py INPUT HEADER FUNCTION OUTPUT."""
import sys

source, header, function, output = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read()
namespace, _, name = function.rpartition("::")
with open(output, "w", encoding="utf-8") as file:
    file.write(f'#include "{header}"\n\nnamespace {namespace} {{\n\n'
               f'std::string_view {name}() {{ return R"text({text})text"; }}\n\n}}  // namespace {namespace}\n')
