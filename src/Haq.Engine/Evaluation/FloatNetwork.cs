using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>A float model in the session that others are compared with it in, made when it is first asked for: all who compare with the same model share it.</summary>
public sealed class FloatNetwork : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<FloatUse> _users = [];
    private readonly bool _rests;
    private OrtSession? _session;

    /// <summary>Nothing is made ready yet.</summary>
    public FloatNetwork(OnnxModel model) : this(model ?? throw new ArgumentNullException(nameof(model)), model.IsLarge)
    {
    }

    /// <param name="model">The model.</param>
    /// <param name="rests">The session is let go of while nobody uses it, and made again for the next one.</param>
    internal FloatNetwork(OnnxModel model, bool rests) => (Model, _rests) = (model, rests);

    /// <summary>The model.</summary>
    public OnnxModel Model { get; }

    /// <summary>Somebody who will run it; not counted before the session is asked for.</summary>
    internal FloatUse Use() => new(this);

    internal OrtSession Take(FloatUse user)
    {
        lock (_lock)
        {
            _session ??= new OrtSession(Model, ExactSessions.For(Model));
            _users.Add(user);
            return _session;
        }
    }

    internal void Leave(FloatUse user)
    {
        lock (_lock)
        {
            if (_users.Remove(user) && _users.Count == 0 && _rests) Close();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) Close();
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }
}
