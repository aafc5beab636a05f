using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace SampleApp;

/// <summary>Runs an image classifier in stock ONNX Runtime; it cannot tell a quantized model from another.</summary>
internal sealed class Classifier(string model) : IDisposable
{
    private const int Batch = 100;
    private readonly InferenceSession _session = new(model);

    /// <summary>The share of images, in percent, whose best class is the label.</summary>
    public double Top1(IdxFile images, IdxFile labels)
    {
        int count = images.Shape[0], height = images.Shape[1], width = images.Shape[2];
        float[] pixels = new float[images.Bytes.Length];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = images.Bytes[i] / 255f;
        int correct = 0;
        for (int first = 0; first < count; first += Batch)
        {
            int n = Math.Min(Batch, count - first);
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, pixels.AsMemory(first * height * width, n * height * width), [n, 1, height, width]);
            using var run = new RunOptions();
            using var outputs = _session.Run(run, _session.InputNames, [input], _session.OutputNames);
            var scores = outputs[0].GetTensorDataAsSpan<float>();
            int classes = scores.Length / n;
            for (int i = 0; i < n; i++)
                if (TensorPrimitives.IndexOfMax(scores.Slice(i * classes, classes)) == labels.Bytes[first + i]) correct++;
        }
        return 100.0 * correct / count;
    }

    public void Dispose() => _session.Dispose();
}
