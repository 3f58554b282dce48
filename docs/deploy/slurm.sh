#!/bin/bash
# A worker of a Dask cluster, as a Slurm job; an array of jobs is a cluster that may come and go part by part:
#   sbatch --array=1-20 docs/deploy/slurm.sh tls://HOST:8786
# GRADING_VENV is the virtual environment with the course, on a file system that all nodes have.
#SBATCH --job-name=grading
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
#SBATCH --time=02:00:00
#SBATCH --output=grading-%A_%a.log
set -euo pipefail

scheduler=${1:?name the address of the scheduler, such as tls://HOST:8786}
venv=${GRADING_VENV:-$HOME/gdexercises/.venv}

# On the node's own disk, and the same for all jobs: Dask removes there what a killed worker has left.
# Without a scheduler, a worker ends instead of using up the time.
exec "$venv/bin/dask" worker "$scheduler" \
  --nthreads 1 \
  --no-nanny \
  --no-dashboard \
  --memory-limit 0 \
  --death-timeout 120 \
  --local-directory "/tmp/dask-$(id -un)"
