using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>A float model in the session that others are compared with it in, made when it is first asked for: all who compare with the same model share it.</summary>
public sealed class FloatNetwork(OnnxModel model) : IDisposable
{
    private readonly Lock _lock = new();
    private OrtSession? _session;

    /// <summary>The model.</summary>
    public OnnxModel Model { get; } = model;

    /// <summary>The session, which stays this object's.</summary>
    public OrtSession Session
    {
        get
        {
            lock (_lock) return _session ??= new OrtSession(Model, ExactSessions.For(Model));
        }
    }

    /// <summary>Nobody runs it for now: a large network is let go of, and made ready again when it is next asked for.</summary>
    public void Rest()
    {
        if (Model.IsLarge) Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _session?.Dispose();
            _session = null;
        }
    }
}
