"""Score: fit + engagement - risk from the policy's points table, each point with its reason and evidence."""
