#!/usr/bin/env python3
#SBATCH -J 'two words' -N2-4 -n 8 --ntasks-per-node=4 -c2
#SBATCH --mem-per-cpu=500M --gpus-per-task=a100:1 -C "a100" # words
#SBATCH --array=0-9%4 --dependency=afterok:41:42,afterany:43_7?singleton --begin=now+1hour
#SBATCH --deadline=2026-12-01T08:00 -H --signal=R:B:10@300 --export=ALL,A=1,B="x,y",C
#SBATCH --gres=gpu:a100:2(S:0-1),npu:910b:8 -t 1-12:30:15 --exclusive=user -x n[1-3] --nice
print("srun")
#SBATCH --late
