"""A plain loop in PyTorch that writes for TensorBoard and knows nothing of tracking."""
import torch
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
x = torch.linspace(-1, 1, 64).unsqueeze(1)
layer = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.05)
with SummaryWriter("runs/torch") as board:
    for step in range(5):
        loss = torch.nn.functional.mse_loss(layer(x), 3 * x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        board.add_scalar("loss/train", loss.item(), step)
        board.add_scalars("weights", {"slope": layer.weight.item()}, step)
