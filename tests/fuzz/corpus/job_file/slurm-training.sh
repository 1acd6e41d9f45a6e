#!/bin/bash -l
#SBATCH --job-name=resnet50
#SBATCH --account=vision
#SBATCH -p gpu
#SBATCH -N 1 -n 1
#SBATCH --cpus-per-task=16
#SBATCH --gres=gpu:a100:4      # four of them
#SBATCH --mem=128G
#SBATCH -t 1-12:00:00
#SBATCH -o logs/%x-%j.out
#SBATCH --signal=B:USR1@300
#SBATCH --export=NONE,EPOCHS=90,"TITLE=a b"
##SBATCH --nodes=64
# a comment

#SBATCH --requeue
module load cuda/12.1
source ~/venv/bin/activate
srun python train.py --workers $SLURM_CPUS_PER_TASK
#SBATCH --mem=1G
