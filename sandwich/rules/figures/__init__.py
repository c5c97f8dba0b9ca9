"""What a year came to: every figure of the dashboard and the year report is defined here, and nowhere else."""
