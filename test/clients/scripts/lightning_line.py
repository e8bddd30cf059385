"""PyTorch Lightning as it comes, with its own logger, checkpoints and bar, and MLflow's autologging beside them."""
import mlflow
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, _):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.layer(x), y)
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self.layer(x), y), prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)


if __name__ == "__main__":
    mlflow.pytorch.autolog()
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 64).unsqueeze(1)
    rows = TensorDataset(x, 3 * x)
    trainer = pl.Trainer(max_epochs=3, accelerator="cpu", log_every_n_steps=1, callbacks=[pl.callbacks.ModelCheckpoint(monitor="val_loss", filename="best")])
    trainer.fit(Line(), DataLoader(rows, batch_size=16, num_workers=2), DataLoader(rows, batch_size=32))
