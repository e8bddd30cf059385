"""A plain loop in PyTorch that writes for TensorBoard, as its tutorials do, and knows nothing of tracking."""
import torch
from torch.utils.tensorboard import SummaryWriter


def train(board):
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 64).unsqueeze(1)
    layer = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.05)
    for step in range(5):
        loss = torch.nn.functional.mse_loss(layer(x), 3 * x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        board.add_scalar("Loss/train", loss.item(), step)
        board.add_scalar("Loss/validation", 2 * loss.item(), step)
        board.add_scalars("weights", {"slope": layer.weight.item(), "offset": layer.bias.item()}, step)
        board.add_histogram("weight", layer.weight, step)


if __name__ == "__main__":
    with SummaryWriter("runs/torch") as writer:
        train(writer)
        writer.add_graph(torch.nn.Linear(1, 1), torch.zeros(1, 1))
