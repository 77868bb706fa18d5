"""From a device's file to arrays: levels, commands, timings, rules, addresses."""
