"""The catalogues: collected from the sources, compared with what is translated, compiled.

Made with Babel, so that neither collecting nor compiling needs gettext's own programs.
"""
