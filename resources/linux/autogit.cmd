@rem The command line, with the Node that ships beside it.
@"%~dp0node.exe" --disable-warning=ExperimentalWarning --max-semi-space-size=2 "%~dp0..\dist\cli\autogit.mjs" %*
