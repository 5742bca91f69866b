"""Sources: fetching them politely, and parsing what they answer in a child process under limits."""
