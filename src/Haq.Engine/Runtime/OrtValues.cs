using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>Results of a run until they are handed over; frees those that were not.</summary>
internal sealed class OrtValues(IDisposableReadOnlyCollection<OrtValue> values) : IDisposable
{
    private bool _taken;

    public OrtTensor[] Take()
    {
        var tensors = values.Select(v => new OrtTensor(v)).ToArray();
        _taken = true;
        return tensors;
    }

    public void Dispose()
    {
        if (!_taken) values.Dispose();
    }
}
