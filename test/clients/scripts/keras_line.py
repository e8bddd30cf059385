"""Keras' autologging: metrics of epochs, parameters, the model."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import mlflow
import numpy as np

mlflow.tensorflow.autolog(silent=True)
keras.utils.set_random_seed(0)
x = np.linspace(-1, 1, 64, dtype="float32").reshape(-1, 1)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
model.fit(x, 3 * x, epochs=3, batch_size=16, validation_split=0.25, verbose=0)
