"""What turns a word's score into its weight (phi of equation 4): monotone and never negative."""

import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "log1p_relu": lambda x: torch.log1p(F.relu(x)),
    "relu": F.relu,
    "elu1p": lambda x: F.elu(x) + 1.0,
}
