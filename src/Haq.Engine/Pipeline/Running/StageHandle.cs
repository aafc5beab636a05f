using System.Diagnostics.CodeAnalysis;

namespace Haq.Engine.Pipeline.Running;

/// <summary>What a stage makes of its inputs, which are gathered when the key or the result is first asked for.</summary>
internal sealed class StageHandle<TInputs, T>(StageRunner runner, Stage<TInputs, T> stage, Func<TInputs> gather) : Handle<T> where TInputs : class
{
    private TInputs? _inputs;
    private StageKey? _key;
    private (T Content, bool IsOpen) _value;

    public override StageKey Key => _key ??= RecordDigest.Of(stage.Name, stage.Version, Inputs);

    public override T Value
    {
        get
        {
            if (!_value.IsOpen) _value = (runner.Run(stage, Inputs, this), true);
            return _value.Content;
        }
    }

    private TInputs Inputs => _inputs ??= gather();

    public override bool TryGet([MaybeNullWhen(false)] out T value)
    {
        if (!_value.IsOpen && stage is CachedStage<TInputs, T> cached && runner.TryRead(cached, Inputs, Key, out value)) _value = (value, true);
        value = _value.Content;
        return _value.IsOpen;
    }

    public override void Keep(T content)
    {
        if (stage is CachedStage<TInputs, T> cached) runner.Keep(cached, Inputs, content, Key);
    }

    public override void Close()
    {
        if (_value is { IsOpen: true, Content: IDisposable content }) runner.Close(content);
        _value = default;
    }
}
