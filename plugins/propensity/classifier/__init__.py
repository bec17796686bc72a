"""One AutoML for every question with a yes or no: features in, calibrated probabilities out."""
