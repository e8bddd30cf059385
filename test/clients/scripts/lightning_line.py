"""PyTorch Lightning's autologging: metrics of epochs, parameters, the model."""
import logging
import warnings

import mlflow
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, _):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.layer(x), y)
        self.log("loss", loss, on_epoch=True, on_step=False)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)


mlflow.pytorch.autolog(silent=True)
torch.manual_seed(0)
x = torch.linspace(-1, 1, 64).unsqueeze(1)
trainer = pl.Trainer(max_epochs=3, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, logger=False)
trainer.fit(Line(), DataLoader(TensorDataset(x, 3 * x), batch_size=16))
