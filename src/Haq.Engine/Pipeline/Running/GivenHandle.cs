using System.Diagnostics.CodeAnalysis;

namespace Haq.Engine.Pipeline.Running;

/// <summary>Content that no stage makes: a file that was read, or a part of what a stage made that depends on less than the whole.</summary>
internal sealed class GivenHandle<T>(Func<StageKey> identify, Func<T> open) : Handle<T>
{
    private StageKey? _key;
    private (T Content, bool IsOpen) _value;

    public override StageKey Key => _key ??= identify();

    public override T Value
    {
        get
        {
            if (!_value.IsOpen) _value = (open(), true);
            return _value.Content;
        }
    }

    public override bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value.Content;
        return _value.IsOpen;
    }

    public override void Keep(T content) => _value = (content, true);

    public override void Close() => _value = default;
}
