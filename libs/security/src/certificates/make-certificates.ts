import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks differ: a certificate is valid from slightly before its creation. */
const LEEWAY_MS = 3_600_000;

/** A certificate and its private key, PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A private authority: an EC P-256 key and a certificate that may sign leaf certificates, but no
 * authorities.
 *
 * @param now milliseconds since the epoch
 */
export async function makeAuthority(days: number, now: number): Promise<PemPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...term(days, now),
    serialNumber: serialNumber(),
    name: 'CN=Lockstep private CA',
    keys,
    signingAlgorithm: CURVE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pem(certificate, keys.privateKey);
}

/**
 * A certificate for servers and clients: coordinator and Redis are both.
 *
 * @param hosts names and addresses of the server; the first one is the common name
 */
export function makeServerCertificate(
  authority: PemPair,
  hosts: readonly string[],
  days: number,
  now: number,
): Promise<PemPair> {
  const names = hosts.map((host) =>
    isIP(host) === 0 ? { type: 'dns' as const, value: host } : { type: 'ip' as const, value: host },
  );
  return makeLeaf(authority, hosts[0] ?? 'lockstep', days, now, [
    new x509.ExtendedKeyUsageExtension([SERVER, CLIENT]),
    new x509.SubjectAlternativeNameExtension(names),
  ]);
}

/** A worker's certificate, for clients only. */
export function makeClientCertificate(
  authority: PemPair,
  name: string,
  days: number,
  now: number,
): Promise<PemPair> {
  return makeLeaf(authority, name, days, now, [new x509.ExtendedKeyUsageExtension([CLIENT])]);
}

const { serverAuth: SERVER, clientAuth: CLIENT } = x509.ExtendedKeyUsage;

async function makeLeaf(
  authority: PemPair,
  commonName: string,
  days: number,
  now: number,
  extensions: readonly x509.Extension[],
): Promise<PemPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...term(days, now),
    serialNumber: serialNumber(),
    subject: new x509.Name([{ CN: [commonName] }]).toString(),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: CURVE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...extensions,
    ],
  });
  return pem(certificate, keys.privateKey);
}

function term(days: number, now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - LEEWAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
}

function signingKey(key: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(key);
  if (der === undefined) throw new Error('no PEM');
  return webcrypto.subtle.importKey('pkcs8', der, CURVE, false, ['sign']);
}

/** 127 random bits: positive and unique. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return Buffer.from(bytes).toString('hex');
}

async function pem(certificate: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<PemPair> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`,
  };
}
