"""TensorFlow with Keras' callback for TensorBoard, and no tracking."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
x = np.linspace(-1, 1, 64, dtype="float32").reshape(-1, 1)
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.compile(optimizer=tf.keras.optimizers.SGD(0.05), loss="mse")
model.fit(x, 3 * x, epochs=3, batch_size=16, validation_split=0.25, verbose=0, callbacks=[tf.keras.callbacks.TensorBoard("logs/tensorflow")])
