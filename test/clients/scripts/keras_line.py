"""Keras with its bar and its callbacks, and MLflow's autologging beside them."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import mlflow
import numpy as np

mlflow.tensorflow.autolog()
keras.utils.set_random_seed(0)
x = np.linspace(-1, 1, 64, dtype="float32").reshape(-1, 1)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
model.summary()
model.fit(x, 3 * x, epochs=3, batch_size=16, validation_split=0.25, callbacks=[keras.callbacks.TensorBoard("logs"), keras.callbacks.EarlyStopping(patience=2)])
print(model.evaluate(x, 3 * x, return_dict=True))
