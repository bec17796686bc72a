"""What ``abintel`` does, a module per group; imported when a command of the group is asked for."""
