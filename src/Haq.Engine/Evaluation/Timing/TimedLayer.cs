using System.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>One layer in a session of its own, with buffers bound, ready to run.</summary>
internal sealed class TimedLayer : IDisposable
{
    private readonly OrtSession _session;
    private readonly OrtTensor _input;
    private readonly OrtTensor _output;
    private readonly OrtBinding _binding;

    public TimedLayer(SingleLayerModel layer, int threads, SeededRandom random)
    {
        _session = new OrtSession(layer.Model, new SessionSettings { Threads = threads });
        _input = OrtTensor.Zeros(layer.Type, layer.Input);
        _output = OrtTensor.Zeros(layer.Type, layer.Output);
        // Zeros would be fast for no reason that real data has.
        if (layer.Type == DataType.Uint8) foreach (ref byte value in _input.Values<byte>()) value = (byte)random.Next(256);
        else foreach (ref float value in _input.Values<float>()) value = (float)random.NextDouble();
        _binding = _session.Bind().Input(SingleLayerModel.InputName, _input).Output(SingleLayerModel.OutputName, _output);
    }

    /// <summary>Seconds of one run.</summary>
    public double Run()
    {
        long start = Stopwatch.GetTimestamp();
        _binding.Run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _output.Dispose();
        _session.Dispose();
    }
}
