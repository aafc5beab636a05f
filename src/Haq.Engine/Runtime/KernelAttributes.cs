using System.Text;

namespace Haq.Engine.Runtime;

/// <summary>A node's attributes, while its kernel is made.</summary>
internal readonly unsafe struct KernelAttributes(void* info)
{
    private readonly void* _info = info;

    /// <summary>A list of integers.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    public int[] Integers(string name)
    {
        nuint count = 0;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            // The first call only asks for the size.
            OrtFunctions.Instance.Check(OrtFunctions.Instance.IntegersAttribute(_info, text, null, &count));
            long[] values = new long[(int)count];
            fixed (long* to = values) OrtFunctions.Instance.Check(OrtFunctions.Instance.IntegersAttribute(_info, text, to, &count));
            return [.. values.Select(v => checked((int)v))];
        }
    }

    /// <summary>An integer, or <paramref name="otherwise"/> where there is none of that name.</summary>
    public int Integer(string name, int otherwise)
    {
        long value;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
            return OrtFunctions.Instance.Succeeded(OrtFunctions.Instance.IntegerAttribute(_info, text, &value)) ? checked((int)value) : otherwise;
    }

    /// <summary>A number.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    public float Number(string name)
    {
        float value;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
            OrtFunctions.Instance.Check(OrtFunctions.Instance.FloatAttribute(_info, text, &value));
        return value;
    }
}
